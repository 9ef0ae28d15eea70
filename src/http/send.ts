import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Reply, Share } from './call.ts';
import { gone } from './in-flight.ts';

export const JSON_HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'x-content-type-options': 'nosniff',
  // Answers carry presigned URLs.
  'cache-control': 'no-store',
};

/** Bytes written at a time: how fast a reader takes them is seen piece by piece. */
const PIECE = 64 * 1024;

/** Elements of a page that are made JSON at a time: 20 to 100 KB of ordinary posts. */
const GROUP = 50;

/**
 * The one place that writes a response.
 * @param memory gets back what the answer no longer holds
 * @throws whatever a streamed body throws; once a header is out the connection is destroyed
 */
export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status = 200, headers = {}, body }: Reply,
  memory: Share,
): Promise<void> {
  if (body === undefined) response.writeHead(status, { ...headers }).end();
  else if (isPages(body)) await sendPages(request, response, { status, headers, body }, memory);
  else if (body instanceof Uint8Array) await sendBytes(response, status, headers, body, memory);
  else await sendJson(response, status, { ...JSON_HEADERS, ...headers }, JSON.stringify(body), memory);
}

function sendJson(
  response: ServerResponse,
  status: number,
  headers: Reply['headers'],
  json: string,
  memory: Share,
): Promise<void> | undefined {
  const length = Buffer.byteLength(json);
  if (length > PIECE) return sendBytes(response, status, headers, Buffer.from(json), memory);
  memory.keep(length);
  // As a string it goes out in one write with the headers: a tenth less CPU for a list of 20 posts.
  response.writeHead(status, { 'content-length': length, ...headers }).end(json);
  return undefined;
}

async function sendBytes(
  response: ServerResponse,
  status: number,
  headers: Reply['headers'],
  body: Uint8Array,
  memory: Share,
): Promise<void> {
  memory.keep(body.byteLength);
  response.writeHead(status, { 'content-length': body.byteLength, ...headers });
  let at = 0;
  for (; body.byteLength - at > PIECE; at += PIECE) {
    await write(response, body.subarray(at, at + PIECE));
    memory.keep(body.byteLength - at);
  }
  response.end(at === 0 ? body : body.subarray(at));
}

export type Pages = AsyncIterable<readonly unknown[]>;

export const isPages = (body: unknown): body is Pages =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body;

/**
 * Writes pages as one JSON array. Nothing is written before the first page is there, so that a failure until then gets
 * an honest status. A later one destroys the connection: never a shorter array that looks whole. No page is asked for
 * before all but a last piece of the one before is with the kernel.
 */
async function sendPages(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Required<Reply> & { body: Pages },
  memory: Share,
): Promise<void> {
  const pages = body[Symbol.asyncIterator]();
  try {
    let page = await pages.next();
    if (page.done) return await send(request, response, { status, headers, body: [] }, memory);
    response.writeHead(status, { ...JSON_HEADERS, ...headers });
    if (request.method === 'HEAD') return void response.end();
    let before = '[';
    let last: Promise<void> | undefined;
    for (; !page.done; page = await pages.next()) {
      for (const json of groupsOf(page.value)) {
        const bytes = Buffer.from(before + json.slice(1, -1));
        before = ',';
        for (let at = 0; at < bytes.length; at += PIECE) {
          await last;
          last = write(response, bytes.subarray(at, at + PIECE));
          // It is awaited, or the connection is destroyed with it.
          last.catch(() => undefined);
        }
      }
    }
    response.end(']');
  } finally {
    await pages.return?.();
  }
}

function* groupsOf(page: readonly unknown[]) {
  for (let at = 0; at < page.length; at += GROUP) yield JSON.stringify(page.slice(at, at + GROUP));
}

/**
 * Resolves once the kernel has taken the piece.
 * @throws when the connection closes before
 */
function write(response: ServerResponse, piece: Uint8Array): Promise<void> {
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
