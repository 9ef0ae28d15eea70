import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { GatewayAnswer } from '../../src/http/lambda.ts';
import type { Scope } from './service.ts';

/** REST APIs send payload 1.0, HTTP APIs 2.0. */
export type Payload = '1.0' | '2.0';

type Invoke = (event: unknown) => Promise<unknown>;

/**
 * API Gateway over real sockets, as its documentation has it: makes an event of each request, calls the function that
 * has the path, and makes a response of its answer. Every body goes in base64, as for the binary media type of every kind.
 * @param options.stage stands before every path; an HTTP API's is `$default` without it
 * @param options.find the function of a path, less the stage
 * @returns its URL, the stage included
 */
export async function startApiGateway(
  scope: Scope,
  options: { payload: Payload; stage?: string | undefined; find: (path: string) => Invoke | undefined },
) {
  const { payload, stage, find } = options;
  const server = createServer((request, response) => {
    void respond(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.after(async () => {
    server.closeAllConnections();
    server.close();
  });
  // A server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}${stage === undefined ? '' : `/${stage}`}`;

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answered = await answer(request).catch(() => refusal(502));
    const bytes = Buffer.from(answered.body, answered.isBase64Encoded ? 'base64' : 'utf8');
    response
      .writeHead(answered.statusCode, { ...answered.headers, 'content-length': bytes.length })
      .end(bytes);
  }

  async function answer(request: IncomingMessage): Promise<GatewayAnswer> {
    const body = await buffer(request);
    const [full = '/', query = ''] = splitAt(request.url ?? '/');
    const staged = stage === undefined || full.startsWith(`/${stage}/`);
    const path = stage === undefined ? full : full.slice(stage.length + 1);
    const invoke = staged ? find(path) : undefined;
    if (!invoke) return refusal(payload === '1.0' ? 403 : 404);
    const event = (payload === '1.0' ? restEvent : httpEvent)(request, { full, path, query, body, stage });
    // What a function answers goes through JSON.
    return JSON.parse(JSON.stringify(await invoke(JSON.parse(JSON.stringify(event))))) as GatewayAnswer;
  }
}

type Parts = { full: string; path: string; query: string; body: Buffer; stage: string | undefined };

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html */
function restEvent({ method, rawHeaders }: IncomingMessage, { full, path, query, body, stage }: Parts) {
  const lists = listsOf(pairsOf(rawHeaders));
  const queries = listsOf([...new URLSearchParams(query)]);
  return {
    resource: '/{proxy+}',
    httpMethod: method,
    path,
    headers: lastOf(lists),
    multiValueHeaders: lists,
    queryStringParameters: queries && lastOf(queries),
    multiValueQueryStringParameters: queries,
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: { stage: stage ?? 'test', path: full, identity: { sourceIp: '127.0.0.1' } },
    body: body.length > 0 ? body.toString('base64') : null,
    isBase64Encoded: body.length > 0,
  };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
function httpEvent({ method, rawHeaders }: IncomingMessage, { full, query, body, stage }: Parts) {
  const lists = listsOf(pairsOf(rawHeaders).map(([name, value]) => [name.toLowerCase(), value])) ?? {};
  const { cookie, ...headers } = lists;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: decoded(full),
    rawQueryString: query,
    ...(cookie && { cookies: cookie.flatMap((line) => line.split('; ')) }),
    headers: Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values.join(',')])),
    requestContext: {
      stage: stage ?? '$default',
      http: { method, path: decoded(full), sourceIp: '127.0.0.1' },
    },
    ...(body.length > 0 && { body: body.toString('base64') }),
    isBase64Encoded: body.length > 0,
  };
}

type Pair = [name: string, value: string];

function pairsOf(raw: string[]): Pair[] {
  return raw.flatMap((name, i): Pair[] => (i % 2 === 0 ? [[name, raw[i + 1] ?? '']] : []));
}

/** null where there is none, as API Gateway has it. */
function listsOf(pairs: Pair[]): Record<string, string[]> | null {
  const lists: Record<string, string[]> = {};
  for (const [name, value] of pairs) (lists[name] ??= []).push(value);
  return pairs.length > 0 ? lists : null;
}

const lastOf = (lists: Record<string, string[]> | null) =>
  lists && Object.fromEntries(Object.entries(lists).map(([name, values]) => [name, values.at(-1)]));

function splitAt(url: string): string[] {
  const mark = url.indexOf('?');
  return mark < 0 ? [url] : [url.slice(0, mark), url.slice(mark + 1)];
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** What API Gateway itself says: of a path that no resource has, or of a function that failed. */
const refusal = (statusCode: number): GatewayAnswer => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: '{"message":"API Gateway"}',
  isBase64Encoded: false,
});
