import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { readBytes, readJson } from './body.ts';
import { Busy } from './busy.ts';
import { type Call, HttpError, NO_BOUND, type Reply, type Routes, type Share } from './call.ts';
import { unlessKnown } from './content/conditional.ts';
import { corsHeaders, type CorsOrigins } from './cors.ts';
import { createFailures, type Failure } from './failures.ts';
import { compileRoutes } from './match.ts';
import { problem } from './problem.ts';

export type AnswerOptions = {
  /** Origins whose pages may call. */
  cors: CorsOrigins;
  /** Headers that their scripts may send besides `authorization` and `content-type`, in small letters. */
  allowHeaders?: readonly string[];
  /** Called once a request, after its answer; and once a second for each kind of failure, while it lasts. */
  log: (line: RequestLine | Failure) => void;
  /** Whether an error says that what we depend on cannot answer now: 503 instead of 500. */
  isUnavailable?: (error: unknown) => boolean;
  /** Answers a GET that no route has, such as the files of the web app. */
  fallback?: (call: Call) => Reply | undefined | Promise<Reply | undefined>;
  /** Whether a path with a slash at its end is the path without; by default it is another. */
  trailingSlash?: boolean;
};

/** What is logged of a request: never its body, its query or its headers; of its path no more than the pattern of a route, or a file of ours. */
export type RequestLine = {
  id: string;
  method: string;
  /** The route's pattern; undefined when none has the path. */
  route: string | undefined;
  /** The file that was the answer, where no route has the path. */
  path?: string;
  /** Of the answer that was sent; 499 when the client left before any of it was. */
  status: number;
  ms: number;
  /** The client left before the answer was whole. */
  aborted?: true;
  /** What made the answer a 5xx, or broke it off, in one word: the cause is in the line of the `Failure`. */
  error?: string;
};

/** A request as whoever received it hands it over: node:http (router.ts) or API Gateway (lambda.ts). */
export type Incoming = {
  method: string;
  /** As sent: percent-encoded, without the query. */
  path: string;
  /** What follows the `?`, empty without one. */
  search: string;
  headers: IncomingHttpHeaders;
  /**
   * The network address that the caller has, as far as it can be believed: of the socket, of what a trusted load balancer
   * says (`addressOf`), or what API Gateway gives as `sourceIp`.
   */
  address: string;
  /** The bytes of the body. */
  body: () => AsyncIterable<Buffer>;
  /** Where its answer gets memory from; without bound where one process answers one request at a time. */
  memory?: Share;
};

/** What nginx logs where there is no answer: no status of HTTP's. */
const CLIENT_LEFT = 499;

/** One request on its way through: matched, answered, logged. Whoever received the request sends the reply. */
export type Exchange = ReturnType<ReturnType<typeof createAnswerer>>;

/**
 * What lies between a request and its reply, whoever received it: matching, body limits, conditional reads, CORS, errors,
 * request id, log line.
 * @param routes `'METHOD /path/:param'` → handler
 */
export function createAnswerer(routes: Routes, options: AnswerOptions) {
  const { cors, allowHeaders, log, fallback, isUnavailable = () => false, trailingSlash = false } = options;
  const match = compileRoutes(routes);
  const countFailure = createFailures(log);

  return (request: Incoming) => {
    const started = performance.now();
    const line: RequestLine = {
      id: randomUUID(),
      method: request.method,
      route: undefined,
      status: 0,
      ms: 0,
    };

    return {
      line,

      /** Headers of every answer, errors included; those of the reply win. */
      headers: Object.assign({ 'x-request-id': line.id }, corsHeaders(cors, request, allowHeaders)),

      /**
       * What the route's handler returns.
       * @throws HttpError or whatever the handler throws; `refusal` makes a reply of it
       */
      reply: () => answer(request, line),

      /** The reply to what was thrown. A 5xx never shows its cause to the caller: the log has it, with the request's id. */
      refusal(error: unknown): Reply {
        const refused = refusedWith(error);
        if (refused.status >= 500) line.error = countFailure(error, line.id);
        return problem(refused);
      },

      /** Notes that the client is gone. @param why where it was us who closed the connection */
      left(why?: Error): void {
        line.aborted = true;
        if (why) line.error = countFailure(why, line.id);
      },

      /** Logs the line. @param status of the answer that was sent; undefined when the client left before any of it was */
      end(status: number | undefined): void {
        line.status = status ?? CLIENT_LEFT;
        if (status === undefined) line.aborted = true;
        line.ms = Math.round((performance.now() - started) * 100) / 100;
        log(line);
      },
    };
  };

  function refusedWith(error: unknown): HttpError {
    if (error instanceof HttpError) return error;
    if (isUnavailable(error))
      return new Busy('Unavailable', 'A part of this service does not answer. Try again in a moment.');
    return new HttpError(500, 'Something failed at our end.');
  }

  async function answer(
    { method, path, search, headers, address, body, memory = NO_BOUND }: Incoming,
    line: RequestLine,
  ): Promise<Reply> {
    if (method === 'OPTIONS') return { status: 204 };
    const { route, handler, params, allowed } = match(
      method,
      trailingSlash ? path.replace(/(?<=.)\/$/, '') : path,
    );
    line.route = route;
    const query = new URLSearchParams(search);
    const call: Call = {
      path,
      params,
      query,
      headers,
      address,
      memory,
      json: () => readJson(body()),
      bytes: (limit) => readBytes(body(), limit),
    };
    if (handler) return isRead(method) ? unlessKnown(headers, await handler(call)) : handler(call);
    if (allowed.length > 0) {
      const allow = [...allowed, 'OPTIONS'].join(', ');
      throw new HttpError(405, `This path answers ${allow}.`, { allow });
    }
    const reply = isRead(method) ? await fallback?.(call) : undefined;
    if (reply?.file) line.path = reply.file;
    if (reply) return unlessKnown(headers, reply);
    throw new HttpError(404, 'There is nothing at this path.');
  }
}

const isRead = (method: string): boolean => method === 'GET' || method === 'HEAD';
