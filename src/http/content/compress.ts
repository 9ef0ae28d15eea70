import {
  brotliCompress,
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  gzip,
  gzipSync,
} from 'node:zlib';
import { promisify } from 'node:util';
import type { Coding } from './accept-encoding.ts';

/** JSON of so many bytes or less goes as it is: it fits into a packet all the same. */
export const SMALL = 1024;

/** Bytes up to which compressing takes less than handing it to another thread and back. */
const AT_ONCE = 64 * 1024;

/** Bytes of memory that a compressor takes as long as it is open. docs/decisions/cheap-reads.md has what was measured. */
export const COMPRESSOR_BYTES = 512 * 1024;

/** The fastest levels: the slower ones make lists of posts a tenth smaller at the best, for two to five times the CPU. */
const GZIP = { level: 1 };
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

const FLUSH = { br: constants.BROTLI_OPERATION_FLUSH, gzip: constants.Z_SYNC_FLUSH };

/** @returns a promise for what is worth a thread */
export function compress(coding: Coding, bytes: Buffer): Buffer | Promise<Buffer> {
  if (bytes.length > AT_ONCE) return coding === 'br' ? later.br(bytes, BROTLI) : later.gzip(bytes, GZIP);
  return coding === 'br' ? brotliCompressSync(bytes, BROTLI) : gzipSync(bytes, GZIP);
}

const later = { br: promisify(brotliCompress), gzip: promisify(gzip) };

export type Compressor = ReturnType<typeof createCompressor>;

/**
 * Compresses what is there by and by. Of everything that was put in before a `flush` the reader has all it needs with
 * what that returns; only after `end` is it whole.
 */
export function createCompressor(coding: Coding) {
  const stream = coding === 'br' ? createBrotliCompress(BROTLI) : createGzip(GZIP);
  let made: Buffer[] = [];
  stream.on('data', (bytes: Buffer) => made.push(bytes));
  // Whoever waits is told by its own callback.
  stream.on('error', () => undefined);

  return {
    /** @returns what has come out so far, which may be nothing */
    put: (bytes: Buffer) => outOf((done) => stream.write(bytes, done)),
    flush: () => outOf((done) => stream.flush(FLUSH[coding], done)),
    end: () => outOf((done) => stream.once('end', done).end()),
    /** Gives its memory back. */
    close: () => void stream.destroy(),
  };

  async function outOf(run: (done: (error?: Error | null) => void) => void): Promise<Buffer> {
    await new Promise<void>((resolve, reject) => run((error) => (error ? reject(error) : resolve())));
    // Copied: each piece would otherwise hold a buffer of its own of 16 KB.
    const bytes = Buffer.concat(made);
    made = [];
    return bytes;
  }
}
