import type { ServerResponse } from 'node:http';
import { gone } from '../in-flight.ts';
import type { Coding } from './accept-encoding.ts';
import { createCompressor } from './compress.ts';

/** Bytes written at a time: how fast a reader takes them is seen piece by piece. */
export const PIECE = 64 * 1024;

/** Where a body of unknown length goes, piece by piece, compressed on its way or not. */
export type Sink = ReturnType<typeof createSink>;

/** Each method resolves once the kernel has all but a last piece of what came out, and throws when the connection closes before. */
export function createSink(response: ServerResponse, coding: Coding | undefined) {
  const compressor = coding && createCompressor(coding);
  let last: Promise<void> | undefined;

  return {
    async write(bytes: Buffer): Promise<void> {
      if (!compressor) return pass(bytes);
      for (const piece of piecesOf(bytes)) await pass(await compressor.put(piece));
    },

    /** The reader can make something of all that was written. */
    async flush(): Promise<void> {
      if (compressor) await pass(await compressor.flush());
    },

    /** @param rest the last of the body, which is whole with it */
    async end(rest: string): Promise<void> {
      if (!compressor) return void response.end(rest);
      await pass(await compressor.put(Buffer.from(rest)));
      await pass(await compressor.end());
      response.end();
    },

    /** Nothing more is written; what is not ended is never whole. */
    close: () => compressor?.close(),
  };

  async function pass(bytes: Buffer): Promise<void> {
    for (const piece of piecesOf(bytes)) {
      await last;
      last = writePiece(response, piece);
      // It is awaited, or the connection is destroyed with it.
      last.catch(() => undefined);
    }
  }
}

function* piecesOf(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
}

/**
 * Resolves once the kernel has taken the piece.
 * @throws when the connection closes before
 */
export function writePiece(response: ServerResponse, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    if (response.destroyed) return reject(gone());
    const left = () => reject(gone());
    response.once('close', left);
    response.write(piece, (error) => {
      response.off('close', left);
      if (error) reject(gone());
      else resolve();
    });
  });
}
