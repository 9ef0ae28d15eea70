import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { decodeChunked, expectChecksums } from './aws-chunked.ts';
import type { ObjectInfo, ObjectStore } from './objects.ts';
import { S3Error } from './s3-error.ts';
import type { Query } from '../sigv4.ts';
import { versionAsked } from './version-id.ts';

/** S3 takes 5 GB in one PUT; a laptop need not. Well above the 15 MB that the product allows. */
const MAX_OBJECT_BYTES = 100 * 1024 * 1024;
/** S3's own limit. */
const MAX_KEY_BYTES = 1024;
/** Headers of a PUT that come back with each GET, signed or not; a GET overrides one with `response-` before its name. */
const KEPT_HEADERS = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
];

export type S3Request = { req: IncomingMessage; res: ServerResponse; key: string; query: Query };

export async function putObject(
  { req, res, key, query }: S3Request,
  store: ObjectStore,
  announce: Parameters<ObjectStore['put']>[4],
) {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES)
    throw new S3Error(400, 'KeyTooLongError', 'Your key is too long.');
  for (const name of ['x-amz-copy-source', 'if-match', 'if-none-match'])
    if (req.headers[name] !== undefined)
      throw new S3Error(501, 'NotImplemented', `The local S3 does not know ${name} on a PUT.`);

  const size = bodySize(req);
  const trailers = new Map<string, string>();
  const checksums = expectChecksums(req.headers, query, trailers);
  // Not destroyed by a refusal, so that the client can still be told.
  const raw: AsyncIterable<Buffer> = {
    [Symbol.asyncIterator]: () => req.iterator({ destroyOnReturn: false }),
  };
  const source = isChunked(req) ? decodeChunked(raw, trailers) : raw;
  const body = Readable.from(
    (async function* () {
      let received = 0;
      for await (const chunk of source) {
        received += chunk.length;
        if (received > size) throw new S3Error(400, 'IncompleteBody', 'The body is longer than announced.');
        checksums.update(chunk);
        yield chunk;
      }
    })(),
  );
  const check = (md5: Buffer, received: number) => {
    if (received !== size) throw new S3Error(400, 'IncompleteBody', 'The body is shorter than announced.');
    checksums.verify(md5);
  };
  const info = await store.put(key, body, headersToKeep(req), check, announce);
  res.writeHead(200, { ETag: `"${info.etag}"`, ...versionOf(info, store), 'Content-Length': 0 }).end();
}

/** Only a bucket that keeps versions names them. */
const versionOf = ({ version }: ObjectInfo, { versioned }: ObjectStore): Record<string, string> =>
  versioned ? { 'x-amz-version-id': version } : {};

function isChunked(req: IncomingMessage): boolean {
  const payload = String(req.headers['x-amz-content-sha256'] ?? '');
  if (payload === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') return true;
  // Anything else streamed, stored as it is, would be a damaged photo.
  const announced = /aws-chunked/.test(String(req.headers['content-encoding'] ?? ''));
  if (payload.startsWith('STREAMING-') || announced)
    throw new S3Error(501, 'NotImplemented', 'The local S3 does not know this streaming signature.');
  return false;
}

/** Bytes of the decoded body. */
function bodySize(req: IncomingMessage): number {
  const text = req.headers['x-amz-decoded-content-length'] ?? req.headers['content-length'];
  if (text === undefined)
    throw new S3Error(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
  const size = Number(text);
  if (!Number.isSafeInteger(size) || size < 0)
    throw new S3Error(400, 'InvalidArgument', 'Bad content length.');
  if (size > MAX_OBJECT_BYTES)
    throw new S3Error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size.');
  return size;
}

function headersToKeep(req: IncomingMessage): Record<string, string> {
  const entries = Object.entries(req.headers).flatMap(([name, value]) =>
    typeof value === 'string' && (KEPT_HEADERS.includes(name) || name.startsWith('x-amz-meta-'))
      ? [[name, value] as const]
      : [],
  );
  const headers: Record<string, string> = Object.fromEntries(entries);
  // That is how the body came, not what it is.
  const encodings = (headers['content-encoding'] ?? '').split(',').map((name) => name.trim());
  const encoding = encodings.filter((name) => name !== '' && name !== 'aws-chunked').join(',');
  if (encoding === '') delete headers['content-encoding'];
  else headers['content-encoding'] = encoding;
  return { 'content-type': 'binary/octet-stream', ...headers };
}

/** GET and HEAD, with Range, If-None-Match, `versionId` and the `response-…` overrides. */
export async function getObject({ req, res, key, query }: S3Request, store: ObjectStore) {
  const info = find(store, key, versionAsked(query));
  const file = await store.open(info);
  // Removed since it was found.
  if (file === undefined) throw new S3Error(404, 'NoSuchKey', 'The specified key does not exist.');
  try {
    const etag = `"${info.etag}"`;
    const headers: Record<string, string | number> = {
      ...info.headers,
      ETag: etag,
      'Last-Modified': new Date(info.modified).toUTCString(),
      'Accept-Ranges': 'bytes',
      ...versionOf(info, store),
      ...overrides(query),
    };

    const known = req.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
    if (known?.some((tag) => tag === etag || tag === '*')) {
      res.writeHead(304, { ETag: etag }).end();
      return;
    }
    const range = parseRange(req.headers.range, info.size);
    const [start, end] = range ?? [0, info.size - 1];
    headers['Content-Length'] = end - start + 1;
    if (range !== undefined) headers['Content-Range'] = `bytes ${start}-${end}/${info.size}`;
    res.writeHead(range === undefined ? 200 : 206, headers);
    if (req.method === 'HEAD' || info.size === 0) res.end();
    else await pipeline(file.createReadStream({ start, end, autoClose: false }), res);
  } finally {
    await file.close();
  }
}

/** A version of an object; the newest, when none is asked for. */
function find(store: ObjectStore, key: string, version: string | undefined): ObjectInfo {
  const versions = store.versions(key);
  const info = version === undefined ? versions[0] : versions.find((one) => one.version === version);
  if (info?.marker) {
    const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': info.version };
    if (version === undefined)
      throw new S3Error(404, 'NoSuchKey', 'The specified key does not exist.', headers);
    const text = 'The specified method is not allowed against this resource.';
    throw new S3Error(405, 'MethodNotAllowed', text, { ...headers, Allow: 'DELETE' });
  }
  if (info) return info;
  if (version === undefined) throw new S3Error(404, 'NoSuchKey', 'The specified key does not exist.');
  throw new S3Error(404, 'NoSuchVersion', 'The specified version does not exist.');
}

/** The headers that a GET wants in place of those the object has. */
function overrides(query: Query): Record<string, string> {
  const wanted = query.flatMap(([name, value]) => {
    const header = KEPT_HEADERS.find((kept) => name === `response-${kept}`);
    return header === undefined ? [] : [[header, value] as const];
  });
  if (wanted.some(([, value]) => !/^[\t\x20-\x7e\xa0-\xff]*$/.test(value)))
    throw new S3Error(400, 'InvalidArgument', 'Header value cannot be represented using ISO-8859-1.');
  return Object.fromEntries(wanted);
}

/** undefined for the whole object: also when there are several ranges or none that is understood, as S3 does. */
function parseRange(header: string | undefined, size: number): [number, number] | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  if (start >= size || start > end)
    throw new S3Error(416, 'InvalidRange', 'The requested range is not satisfiable');
  return [start, end];
}
