import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Reply, Share } from './call.ts';
import { type Coding, codingFor } from './content/accept-encoding.ts';
import { COMPRESSOR_BYTES, SMALL } from './content/compress.ts';
import { JsonText } from './content/json-text.ts';
import { createSink, PIECE, type Sink, writePiece } from './content/sink.ts';

export const JSON_HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'x-content-type-options': 'nosniff',
  // Answers carry presigned URLs.
  'cache-control': 'no-store',
};

/** Elements of a page that are made JSON at a time: 20 to 100 KB of ordinary posts. */
const GROUP = 50;

/** JSON of more bytes is compressed on its way, so that it is never there twice. */
const AT_ONCE = 1024 * 1024;

/** An answer on its way: what it gives back of the memory when it no longer holds it. */
type Way = { request: IncomingMessage; response: ServerResponse; memory: Share; common: Headers };
type Headers = Readonly<Record<string, string>>;
type Head = { status: number; headers: Headers };

/**
 * The one place that writes a response. JSON is compressed as the request wants it, bytes are sent as they are.
 * @param memory gets back what the answer no longer holds
 * @param common headers of every answer; those of the reply win
 * @throws whatever a streamed body throws; once a header is out the connection is destroyed
 */
export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status = 200, headers = {}, body }: Reply,
  memory: Share,
  common: Headers,
): Promise<void> {
  const way = { request, response, memory, common };
  if (body === undefined) writeHead(way, { status, headers }).end();
  else if (body instanceof Uint8Array) await sendBytes(way, { status, headers }, body);
  else {
    const head = { status, headers: Object.assign({}, JSON_HEADERS, headers) };
    await (isPages(body) ? sendPages(way, head, body) : sendJson(way, head, body));
  }
}

/**
 * All headers at once: with some set before, node:http would set each of them singly. And put together by `Object.assign`: a
 * literal that spreads two objects takes twenty times as long.
 * @param vary what the answer varies by, beside what its headers say
 */
function writeHead({ response, common }: Way, { status, headers }: Head, vary?: string): ServerResponse {
  const varies = [common.vary, headers.vary, vary].filter((names) => names);
  const all: Record<string, string> = Object.assign({}, common, headers);
  if (varies.length > 0) all.vary = [...new Set(varies.join(',').split(/[\s,]+/))].join(', ');
  return response.writeHead(status, all);
}

function sendJson(way: Way, head: Head, body: unknown): Promise<void> | undefined {
  if (body instanceof JsonText) return sendText(way, head, body);
  const text = JSON.stringify(body);
  const length = Buffer.byteLength(text);
  if (length > PIECE || (length > SMALL && codingOf(way))) return sendText(way, head, new JsonText(text));
  way.memory.keep(length);
  // As a string it goes out in one write with the headers: a tenth less CPU for a list of 20 posts.
  writeHead(way, withLength(head, length), variesAt(length)).end(text);
  return undefined;
}

async function sendText(way: Way, head: Head, json: JsonText): Promise<void> {
  const { length } = json.bytes;
  const coding = length > SMALL ? codingOf(way) : undefined;
  if (coding === undefined) return sendBytes(way, head, json.bytes, variesAt(length));
  if (length <= AT_ONCE)
    return sendBytes(way, encoded(head, coding), await json.compressed(coding), variesAt(length));
  writeHead(way, encoded(head, coding), variesAt(length));
  const sink = createSink(way.response, coding);
  try {
    for (let at = 0; at < length; at += PIECE) {
      await sink.write(json.bytes.subarray(at, at + PIECE));
      way.memory.keep(length - at + COMPRESSOR_BYTES);
    }
    await sink.end('');
  } finally {
    sink.close();
  }
}

async function sendBytes(way: Way, head: Head, body: Uint8Array, vary?: string): Promise<void> {
  const { response, memory } = way;
  const { byteLength } = body;
  memory.keep(byteLength);
  writeHead(way, withLength(head, byteLength), vary);
  let at = 0;
  for (; byteLength - at > PIECE; at += PIECE) {
    await writePiece(response, body.subarray(at, at + PIECE));
    memory.keep(byteLength - at);
  }
  response.end(at === 0 ? body : body.subarray(at));
}

/** To HEAD there is no body to compress. */
const codingOf = ({ request }: Way): Coding | undefined =>
  request.method === 'HEAD' ? undefined : codingFor(request.headers['accept-encoding']?.toString());

/** What could have been compressed varies by it, whether it was or not. */
const variesAt = (length: number) => (length > SMALL ? VARIES : undefined);

const VARIES = 'Accept-Encoding';

const withLength = ({ status, headers }: Head, length: number): Head => ({
  status,
  headers: Object.assign({ 'content-length': String(length) }, headers),
});

const encoded = ({ status, headers }: Head, coding: Coding): Head => ({
  status,
  headers: { ...headers, 'content-encoding': coding },
});

export type Pages = AsyncIterable<readonly unknown[]>;

export const isPages = (body: unknown): body is Pages =>
  typeof body === 'object' && body !== null && Symbol.asyncIterator in body;

/**
 * Writes pages as one JSON array. Nothing is written before the first page is there, so that a failure until then gets
 * an honest status. A later one destroys the connection: never a shorter array that looks whole. No page is asked for
 * before all but a last piece of the one before is with the kernel, and none is held back by what compresses it.
 */
async function sendPages(way: Way, head: Head, body: Pages): Promise<void> {
  const pages = body[Symbol.asyncIterator]();
  let sink: Sink | undefined;
  try {
    let page = await pages.next();
    if (page.done) return await sendJson(way, head, []);
    const coding = codingOf(way);
    writeHead(way, coding ? encoded(head, coding) : head, VARIES);
    if (way.request.method === 'HEAD') return void way.response.end();
    sink = createSink(way.response, coding);
    let before = '[';
    for (; !page.done; page = await pages.next()) {
      for (const json of groupsOf(page.value)) {
        await sink.write(Buffer.from(before + json.slice(1, -1)));
        before = ',';
      }
      await sink.flush();
    }
    await sink.end(']');
  } finally {
    sink?.close();
    await pages.return?.();
  }
}

function* groupsOf(page: readonly unknown[]) {
  for (let at = 0; at < page.length; at += GROUP) yield JSON.stringify(page.slice(at, at + GROUP));
}
