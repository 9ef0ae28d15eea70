import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { readJson } from './src/http/body.ts';
import { type Call, HttpError, type Reply, type Routes } from './src/http/call.ts';
import { corsHeaders, type CorsOrigins } from './src/http/cors.ts';
import { compileRoutes } from './src/http/match.ts';
import { problem, send } from './src/http/send.ts';

export type RouterOptions = {
  /** Origins whose pages may call. */
  cors: CorsOrigins;
  /** Called once a request, after its answer. */
  log: (line: RequestLine) => void;
  /** Answers a GET that no route has, such as the files of the web app. */
  fallback?: (call: Call) => Reply | undefined;
};

/** What is logged of a request: never its body, its query or its headers. */
export type RequestLine = {
  id: string;
  method: string;
  /** The route's pattern; undefined when none has the path. */
  route: string | undefined;
  status: number;
  ms: number;
  /** The client left before the answer was whole. */
  aborted?: true;
  /** The cause of a 5xx, or of an answer that broke off; never shown to the caller. */
  err?: unknown;
};

/**
 * Makes a listener for `http.createServer` from a table of routes: matching, body limits, CORS, errors, one log line.
 * @param routes `'METHOD /path/:param'` → handler
 */
export function createRouter(routes: Routes, { cors, log, fallback }: RouterOptions): RequestListener {
  const match = compileRoutes(routes);

  return async (request, response) => {
    const started = performance.now();
    const method = request.method ?? 'GET';
    const line: RequestLine = { id: randomUUID(), method, route: undefined, status: 0, ms: 0 };
    const everywhere = { 'x-request-id': line.id, ...corsHeaders(cors, request) };
    for (const [name, value] of Object.entries(everywhere)) response.setHeader(name, value);
    try {
      await send(request, response, await answer(request, line));
    } catch (error) {
      await sendError(request, response, error, line);
    }
    line.status = response.statusCode;
    line.ms = Math.round((performance.now() - started) * 100) / 100;
    log(line);
  };

  async function answer(request: IncomingMessage, line: RequestLine): Promise<Reply> {
    const url = request.url ?? '/';
    const [path = '', ...search] = url.split('?');
    if (line.method === 'OPTIONS') return { status: 204 };
    const { route, handler, params, allowed } = match(line.method, path);
    line.route = route;
    const call: Call = {
      path,
      params,
      query: new URLSearchParams(search.join('?')),
      headers: request.headers,
      json: () => readJson(request),
    };
    if (handler) return handler(call);
    if (allowed.length > 0) {
      const allow = [...allowed, 'OPTIONS'].join(', ');
      throw new HttpError(405, `This path answers ${allow}.`, { allow });
    }
    const isRead = line.method === 'GET' || line.method === 'HEAD';
    const reply = isRead ? fallback?.(call) : undefined;
    if (reply) return reply;
    throw new HttpError(404, 'There is nothing at this path.');
  }
}

/** A 5xx never shows its cause to the caller: the log has it, with the request's id. */
async function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  line: RequestLine,
): Promise<void> {
  if (hasLeft(error)) {
    line.aborted = true;
    return;
  }
  const known = error instanceof HttpError;
  if (!known) line.err = error;
  if (response.headersSent) response.destroy();
  else
    await send(
      request,
      response,
      problem(known ? error : new HttpError(500, 'Something failed at our end.')),
    );
}

/** Whether an error says that the client closed its connection: while sending its body, or while reading the answer. */
function hasLeft(error: unknown): boolean {
  if (!(error instanceof Error && 'code' in error)) return false;
  const { code, message } = error;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || (code === 'ECONNRESET' && message === 'aborted');
}
