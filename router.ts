import type { IncomingMessage, RequestListener } from 'node:http';
import { addressOf } from './src/http/address.ts';
import { type AnswerOptions, createAnswerer, type Incoming } from './src/http/answer.ts';
import { createAdmission } from './src/http/admission.ts';
import type { Routes, Share } from './src/http/call.ts';
import { bodyOf, enter } from './src/http/edge.ts';
import { type Limits, LIMITS } from './src/http/limits.ts';
import { send } from './src/http/send.ts';

/**
 * The node:http side of the chassis: makes a listener for `http.createServer` from a table of routes. Between request
 * and reply lies `createAnswerer`.
 * @param routes `'METHOD /path/:param'` → handler
 * @param options.proxies how many stand before this server; each appends to `X-Forwarded-For`
 * @param options.limits what it takes on at a time
 */
export function createRouter(
  routes: Routes,
  options: AnswerOptions & { proxies?: number; limits?: Limits },
): RequestListener {
  const { proxies = 0, limits = LIMITS } = options;
  const open = createAnswerer(routes, options);

  return createAdmission(limits, async (request, response, flight, refused) => {
    const exchange = open(incoming(request, proxies, flight));
    try {
      enter(request);
      if (refused) throw refused;
      const reply = await exchange.reply();
      if (!request.socket.destroyed) await send(request, response, reply, flight, exchange.headers);
    } catch (error) {
      if (flight.closed || hasLeft(error)) exchange.left(flight.closed);
      else {
        const refusal = exchange.refusal(error);
        // What is out cannot be taken back: a broken answer must not look whole.
        if (response.headersSent) response.destroy();
        else if (!request.socket.destroyed) await send(request, response, refusal, flight, exchange.headers);
      }
    }
    exchange.end(response.headersSent ? response.statusCode : undefined);
  });
}

function incoming(request: IncomingMessage, proxies: number, memory: Share): Incoming {
  const { method = 'GET', url = '/', headers } = request;
  // Proxies are asked by whole URLs, and so may any server be: whose they are was settled by who got them.
  const target = url.startsWith('/') ? url : url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?]*/i, '');
  const [path, ...search] = target.split('?');
  return {
    method,
    path: path || '/',
    search: search.join('?'),
    headers,
    // Node joins the lines of this header.
    address: addressOf(request.socket.remoteAddress ?? '', headers['x-forwarded-for']?.toString(), proxies),
    body: () => bodyOf(request),
    memory,
  };
}

/** Whether an error says that the client closed its connection: while sending its body, or while reading the answer. */
function hasLeft(error: unknown): boolean {
  if (!(error instanceof Error && 'code' in error)) return false;
  const { code, message } = error;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || (code === 'ECONNRESET' && message === 'aborted');
}
