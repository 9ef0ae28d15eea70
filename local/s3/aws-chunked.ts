import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { IncomingHttpHeaders } from 'node:http';
import { S3Error } from './s3-error.ts';

/** A chunk's header or a trailer line longer than this is not one (bytes). */
const MAX_LINE = 16 * 1024;

/**
 * Decodes an aws-chunked body (`x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER`): hex length, CRLF, bytes,
 * CRLF, …, `0`, CRLF, trailers, CRLF.
 * @param trailers filled with the trailing headers, names in lower case
 * @throws S3Error IncompleteBody when the body ends early or is no such body
 */
export async function* decodeChunked(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  let left = 0;
  let state: 'length' | 'bytes' | 'crlf' | 'trailer' | 'end' = 'length';
  for await (const piece of source) {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    while (rest.length > 0) {
      if (state === 'end') throw incomplete('bytes after the end');
      if (state === 'bytes') {
        const chunk = rest.subarray(0, left);
        rest = rest.subarray(chunk.length);
        left -= chunk.length;
        if (left === 0) state = 'crlf';
        yield chunk;
        continue;
      }
      const end = rest.indexOf('\r\n');
      if (end > MAX_LINE || (end < 0 && rest.length > MAX_LINE)) throw incomplete('a line is too long');
      if (end < 0) break;
      const line = rest.toString('latin1', 0, end);
      rest = rest.subarray(end + 2);
      if (state === 'crlf') {
        if (line !== '') throw incomplete('a chunk is longer than announced');
        state = 'length';
      } else if (state === 'length') {
        const length = /^([0-9a-f]{1,8})(;.*)?$/i.exec(line)?.[1];
        if (length === undefined) throw incomplete('a chunk has no length');
        left = Number.parseInt(length, 16);
        state = left === 0 ? 'trailer' : 'bytes';
      } else if (line === '') {
        state = 'end';
      } else {
        const colon = line.indexOf(':');
        trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
      }
    }
  }
  if (state !== 'end') throw incomplete('the body ends early');
}

function incomplete(why: string) {
  return new S3Error(400, 'IncompleteBody', `The request body is not aws-chunked as announced: ${why}.`);
}

const CHECKSUM = 'x-amz-checksum-';
/** Not implemented: crc32c and crc64nvme, which Node does not bring. */
const ALGORITHMS = ['crc32', 'sha1', 'sha256'] as const;

/**
 * What a PUT promises of its body: `x-amz-checksum-…` (in a header, the query of a presigned URL, or a trailer),
 * Content-MD5 and the SHA-256 of its signature.
 * `update` takes the decoded bytes; `verify` throws S3Error BadDigest when a promise is broken.
 */
export function expectChecksums(
  headers: IncomingHttpHeaders,
  query: readonly (readonly [string, string])[],
  trailers: Map<string, string>,
) {
  const announced = headers['x-amz-trailer'];
  const promised = [
    ...Object.keys(headers),
    ...query.map(([name]) => name.toLowerCase()),
    String(announced ?? ''),
  ]
    .filter((name) => name.startsWith(CHECKSUM))
    .map((name) => name.slice(CHECKSUM.length))
    .filter((name) => name !== 'algorithm' && name !== 'type');
  const unknown = promised.find((name) => !ALGORITHMS.some((known) => known === name));
  if (unknown !== undefined)
    throw new S3Error(501, 'NotImplemented', `The local S3 cannot check ${CHECKSUM}${unknown}.`);

  const sha256 = headers['x-amz-content-sha256'];
  const hashes = new Map<string, Hash>();
  for (const name of promised) if (name !== 'crc32') hashes.set(name, createHash(name));
  if (typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)) hashes.set('signed', createHash('sha256'));
  let crc = 0;

  const valueOf = (name: string) => {
    const inQuery = query.find(([key]) => key.toLowerCase() === CHECKSUM + name)?.[1];
    return headers[CHECKSUM + name] ?? inQuery ?? trailers.get(CHECKSUM + name);
  };

  return {
    update(chunk: Buffer) {
      if (promised.includes('crc32')) crc = crc32(chunk, crc);
      for (const hash of hashes.values()) hash.update(chunk);
    },
    verify(md5: Buffer) {
      const signed = hashes.get('signed')?.digest('hex');
      if (signed !== undefined && signed !== sha256)
        throw new S3Error(400, 'XAmzContentSHA256Mismatch', 'The body is not the one that was signed.');
      const contentMd5 = headers['content-md5'];
      if (contentMd5 !== undefined && contentMd5 !== md5.toString('base64'))
        throw new S3Error(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.');
      for (const name of promised) {
        const big = Buffer.alloc(4);
        big.writeUInt32BE(crc);
        const actual = (hashes.get(name)?.digest() ?? big).toString('base64');
        if (valueOf(name) !== actual)
          throw new S3Error(400, 'BadDigest', `The ${name} you specified did not match what we received.`);
      }
    },
  };
}
