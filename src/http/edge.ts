import { IncomingMessage, type Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { HttpError } from './call.ts';

/** The newest request of a connection and its answer: the last to be sent. */
const newest = new WeakMap<Duplex, { request: IncomingMessage; response: ServerResponse }>();

/** What stands before a request is answered with it instead, by the listener that answers all requests. */
const refusals = new WeakMap<IncomingMessage, HttpError>();

/** Requests whose sender keeps the body back until it is asked for. */
const waiting = new WeakMap<IncomingMessage, ServerResponse>();

/** How long a client may go on sending before its connection is cut, in ms; nginx's lingering_timeout. What it sends is dropped. */
const LAST_ANSWER = 5_000;

/**
 * Sees to it that a server answers by its own listener, with id, problem document and log line, what node:http would
 * answer or drop by itself: what is not HTTP, what is too long or too slow, `Expect`, `CONNECT`, `Upgrade`, two hosts.
 * The server is made with `requireHostHeader: false`, and its listener begins with `arrive` and `enter` and reads bodies by `bodyOf`.
 */
export function answerEdges(server: Server): void {
  const closing = new WeakSet<Duplex>();

  server.on('checkContinue', (request, response) => {
    waiting.set(request, response);
    // Whoever is refused before it was asked for the body may send it all the same, or may not.
    response.shouldKeepAlive = false;
    server.emit('request', request, response);
  });

  server.on('checkExpectation', (request, response) => {
    refusals.set(request, new HttpError(417, 'Expect: only 100-continue can be met.'));
    response.shouldKeepAlive = false;
    server.emit('request', request, response);
  });

  server.on('connect', (request, socket) => {
    // Node has taken its own listeners off.
    socket.on('error', ignore);
    const allow = 'GET, HEAD, POST, PATCH, DELETE, OPTIONS';
    refuse(socket, request, new HttpError(405, 'This server is no proxy.', { allow }));
  });

  // Nothing is spoken here but HTTP/1.1, and that is what a request for another protocol is answered with. Node's parser
  // stops at such a request and drops what was sent behind it: the request is read once more, without its `Upgrade`.
  server.on('upgrade', (request, socket, rest) => {
    socket.on('error', ignore);
    whenFree(socket, () => {
      socket.off('error', ignore);
      socket.unshift(Buffer.concat([headWithoutUpgrade(request), rest]));
      server.emit('connection', socket);
    });
  });

  server.on('clientError', (error: ClientError, socket) => {
    // Each packet after the first that is not HTTP is another error.
    if (closing.has(socket)) return;
    closing.add(socket);
    const last = newest.get(socket);
    const inBody = last !== undefined && !last.request.complete;
    const left = error.code === 'HPE_INVALID_EOF_STATE' && inBody;
    if (!socket.writable || left) return void socket.destroy();
    const refusal = refusalFor(error);
    if (!inBody) return refuse(socket, undefined, refusal);
    // The request with that body has an answer under way, or has had it: no second one.
    last.response.shouldKeepAlive = false;
    endBody(last.request, refusal);
    whenFree(socket, () => hangUp(socket));
  });

  /** Answers a request, or what could not be read as one, once the answers before are sent, and closes the connection. */
  function refuse(socket: Duplex, readable: IncomingMessage | undefined, error: HttpError): void {
    whenFree(socket, () => {
      // A server that listens on TCP has no others.
      if (!(socket instanceof Socket)) return void socket.destroy();
      const request = readable ?? unreadable(socket);
      refusals.set(request, error);
      const response = new ServerResponse(request);
      response.shouldKeepAlive = false;
      response.assignSocket(socket);
      response.once('finish', () => {
        response.detachSocket(socket);
        hangUp(socket);
        // As node:http does for the answers that it made itself.
        response.emit('close');
      });
      server.emit('request', request, response);
    });
  }
}

/** Notes a request that has arrived, and will be answered after those before it. */
export function arrive(request: IncomingMessage, response: ServerResponse): void {
  newest.set(request.socket, { request, response });
}

/** @throws HttpError what a request is to be answered with, whatever its route says */
export function enter(request: IncomingMessage): void {
  const refusal = refusals.get(request);
  if (refusal) throw refusal;
  const hosts = countHosts(request.rawHeaders);
  if (hosts > 1) throw new HttpError(400, 'The request has more than one Host header.');
  if (hosts === 0 && request.httpVersion !== '1.0')
    throw new HttpError(400, 'The request has no Host header.');
}

/**
 * The bytes of a request's body. The connection stays open when they are not read to the end: the answer goes over it.
 * @throws HttpError when the body breaks HTTP's rules, or takes too long
 */
export async function* bodyOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  waiting.get(request)?.writeContinue();
  yield* request.iterator({ destroyOnReturn: false });
  const refusal = refusals.get(request);
  if (refusal) throw refusal;
}

const ignore = (): void => {};

type ClientError = Error & { code?: string; reason?: string };

function refusalFor({ code, reason }: ClientError): HttpError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new HttpError(431, 'The request line and the headers are longer than 16 KiB together.');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new HttpError(413, 'The extensions of a chunk are longer than 16 KiB.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new HttpError(408, 'The request took too long to arrive.');
    default:
      return new HttpError(400, `The request is not HTTP/1.1: ${reason ?? 'it cannot be read'}.`);
  }
}

/** A request of which nothing could be read. */
function unreadable(socket: Socket): IncomingMessage {
  const request = new IncomingMessage(socket);
  request.method = '-';
  request.url = '';
  return request;
}

/** Ends a body that will not end by itself: whoever reads it is told why. */
function endBody(request: IncomingMessage, error: HttpError): void {
  refusals.set(request, error);
  // Otherwise the request would take its connection with it, and the answer.
  request.complete = true;
  request.push(null);
}

/** Calls back when no answer is under way on a connection, if that still takes one. */
function whenFree(socket: Duplex, then: () => void): void {
  const go = () => (socket.writable ? then() : void socket.destroy());
  const response = newest.get(socket)?.response;
  if (!response || response.closed) go();
  else response.once('close', go);
}

function hangUp(socket: Duplex): void {
  // A connection that is cut with bytes unread takes the answer with it.
  socket.resume();
  socket.end();
  const cut = setTimeout(() => socket.destroy(), LAST_ANSWER);
  socket.once('close', () => clearTimeout(cut));
}

function countHosts(rawHeaders: readonly string[]): number {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts;
}

function headWithoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  let head = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() !== 'upgrade') head += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`;
  }
  return Buffer.from(`${head}\r\n`, 'latin1');
}
