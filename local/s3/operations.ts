import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { decodeChunked, expectChecksums } from './aws-chunked.ts';
import type { ObjectInfo, ObjectStore } from './objects.ts';
import { S3Error } from './s3-error.ts';
import type { Query } from '../sigv4.ts';

/** S3 takes 5 GB in one PUT; a laptop need not. Well above the 15 MB that the product allows. */
const MAX_OBJECT_BYTES = 100 * 1024 * 1024;
/** S3's own limits: 1,000 keys a list or a delete, keys of 1,024 bytes, 2 MB of metadata XML. */
const MAX_KEYS = 1000;
const MAX_KEY_BYTES = 1024;
const MAX_XML_BYTES = 2 * 1024 * 1024;
/** Headers of a PUT that come back with each GET. */
const KEPT_HEADERS = ['content-type', 'cache-control', 'content-disposition', 'content-language', 'expires'];

export type S3Request = { req: IncomingMessage; res: ServerResponse; key: string; query: Query };

export async function putObject(
  { req, res, key, query }: S3Request,
  store: ObjectStore,
  committed: (info: ObjectInfo) => Promise<void>,
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
  const info = await store.put(key, body, headersToKeep(req), check, committed);
  res.writeHead(200, { ETag: `"${info.etag}"`, 'Content-Length': 0 }).end();
}

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
  return { 'content-type': 'binary/octet-stream', ...Object.fromEntries(entries) };
}

/** GET and HEAD, with Range, If-None-Match and the `response-…` overrides. */
export async function getObject({ req, res, key, query }: S3Request, store: ObjectStore) {
  const opened = await store.open(key);
  if (opened === undefined) throw new S3Error(404, 'NoSuchKey', 'The specified key does not exist.');
  const { file, info } = opened;
  try {
    const etag = `"${info.etag}"`;
    const headers: Record<string, string | number> = {
      ...info.headers,
      ETag: etag,
      'Last-Modified': new Date(info.modified).toUTCString(),
      'Accept-Ranges': 'bytes',
    };
    for (const [name, value] of query)
      if (name.startsWith('response-')) headers[name.slice('response-'.length)] = value;

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

export async function deleteObject({ res, key }: S3Request, store: ObjectStore) {
  await store.remove(key);
  res.writeHead(204).end();
}

/** POST ?delete */
export async function deleteObjects({ req, res, query }: S3Request, store: ObjectStore) {
  const trailers = new Map<string, string>();
  const checksums = expectChecksums(req.headers, query, trailers);
  const named = Object.keys(req.headers).some(
    (name) => name === 'content-md5' || /^x-amz-checksum-(?!algorithm)/.test(name),
  );
  if (!named)
    throw new S3Error(
      400,
      'InvalidRequest',
      'Missing required header for this request: Content-MD5 or a checksum',
    );
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_XML_BYTES) throw new S3Error(400, 'MaxMessageLengthExceeded', 'Your request was too big.');
    checksums.update(chunk);
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  checksums.verify(createHash('md5').update(body).digest());

  const text = body.toString();
  const keys = [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => unescapeXml(key ?? ''));
  if (!/<Delete[\s>]/.test(text) || keys.length === 0 || keys.length > MAX_KEYS)
    throw new S3Error(
      400,
      'MalformedXML',
      'The XML you provided was not well-formed or has no or too many keys.',
    );
  for (const key of keys) await store.remove(key);
  const quiet = /<Quiet>true<\/Quiet>/.test(text);
  const deleted = keys.map((key) => `<Deleted><Key>${escapeXml(key)}</Key></Deleted>`);
  sendXml(res, 200, `<DeleteResult xmlns="${XMLNS}">${quiet ? '' : deleted.join('')}</DeleteResult>`).end();
}

/** GET ?list-type=2 */
export function listObjects({ res, query }: S3Request, store: ObjectStore, bucket: string) {
  const value = (name: string) => query.find(([key]) => key === name)?.[1];
  if (value('delimiter')) throw new S3Error(501, 'NotImplemented', 'The local S3 lists without a delimiter.');
  const prefix = value('prefix') ?? '';
  const max = Math.min(Number(value('max-keys') ?? MAX_KEYS), MAX_KEYS);
  if (!Number.isInteger(max) || max < 0)
    throw new S3Error(400, 'InvalidArgument', 'max-keys is not a count.');
  const token = value('continuation-token');
  const after = token === undefined ? value('start-after') : Buffer.from(token, 'base64url').toString();
  const encode = value('encoding-type') === 'url' ? encodeURIComponent : escapeXml;

  const isAfter = (key: string) =>
    after === undefined || Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0;
  const keys = store.keys().filter((key) => key.startsWith(prefix) && isAfter(key));
  const page = keys.slice(0, max);
  const last = page.at(-1);
  const truncated = last !== undefined && keys.length > page.length;
  const contents = page.flatMap((key) => {
    const info = store.get(key);
    if (info === undefined) return [];
    return `<Contents><Key>${encode(key)}</Key><LastModified>${info.modified}</LastModified><ETag>&quot;${info.etag}&quot;</ETag><Size>${info.size}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  });
  const next = truncated ? Buffer.from(last).toString('base64url') : undefined;
  sendXml(
    res,
    200,
    `<ListBucketResult xmlns="${XMLNS}"><Name>${bucket}</Name><Prefix>${encode(prefix)}</Prefix>` +
      `<KeyCount>${page.length}</KeyCount><MaxKeys>${max}</MaxKeys><IsTruncated>${truncated}</IsTruncated>` +
      (encode === encodeURIComponent ? '<EncodingType>url</EncodingType>' : '') +
      (next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`) +
      `${contents.join('')}</ListBucketResult>`,
  ).end();
}

const XMLNS = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** Sends a whole document; the caller ends the response. */
export function sendXml(res: ServerResponse, status: number, xml: string) {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`);
  res.writeHead(status, { 'Content-Type': 'application/xml', 'Content-Length': body.length }).write(body);
  return res;
}

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' } as const;

export function escapeXml(text: string): string {
  // Carriage returns and line feeds as numbers: a parser would fold them.
  return Object.entries(ENTITIES)
    .reduce((done, [char, entity]) => done.replaceAll(char, entity), text)
    .replaceAll(/[\r\n]/g, (char) => `&#${char.charCodeAt(0)};`);
}

function unescapeXml(text: string): string {
  const named = new Map<string, string>(Object.entries(ENTITIES).map(([char, entity]) => [entity, char]));
  return text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|\w+);/gi, (entity, hex?: string, decimal?: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return named.get(entity) ?? entity;
  });
}
