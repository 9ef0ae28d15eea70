import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Reply } from './call.ts';

export const JSON_HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'x-content-type-options': 'nosniff',
  // Answers carry presigned URLs.
  'cache-control': 'no-store',
};

/**
 * The one place that writes a response.
 * @throws whatever a streamed body throws; once a header is out the connection is destroyed
 */
export async function send(request: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
  const { status = 200, headers = {}, body } = reply;
  if (body === undefined) response.writeHead(status, { ...headers }).end();
  else if (body instanceof Uint8Array) {
    response.writeHead(status, { 'content-length': body.byteLength, ...headers }).end(body);
  } else if (isPages(body)) await sendPages(request, response, status, headers, body);
  else sendJson(response, status, headers, body);
}

function sendJson(response: ServerResponse, status: number, headers: Reply['headers'], body: unknown): void {
  const json = JSON.stringify(body);
  response
    .writeHead(status, { ...JSON_HEADERS, 'content-length': Buffer.byteLength(json), ...headers })
    .end(json);
}

export type Pages = AsyncIterable<readonly unknown[]>;

export const isPages = (body: unknown): body is Pages =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body;

/**
 * Writes pages as one JSON array. Nothing is written before the first page is there, so that a failure until then gets
 * an honest status. A later one destroys the connection: never a shorter array that looks whole.
 */
async function sendPages(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Reply['headers'],
  body: Pages,
): Promise<void> {
  const pages = body[Symbol.asyncIterator]();
  const first = await pages.next();
  if (first.done) return sendJson(response, status, headers, []);
  const second = await pages.next();
  if (second.done) return sendJson(response, status, headers, first.value);
  response.writeHead(status, { ...JSON_HEADERS, ...headers });
  if (request.method === 'HEAD') {
    response.end();
    await pages.return?.();
  } else await pipeline(jsonArray([first.value, second.value], pages), response);
}

async function* jsonArray(fetched: (readonly unknown[])[], pages: AsyncIterator<readonly unknown[]>) {
  let comma = '[';
  try {
    for (const page of fetched) {
      yield comma + JSON.stringify(page).slice(1, -1);
      comma = ',';
    }
    for (let next = await pages.next(); !next.done; next = await pages.next()) {
      yield comma + JSON.stringify(next.value).slice(1, -1);
    }
    yield ']';
  } finally {
    await pages.return?.();
  }
}
