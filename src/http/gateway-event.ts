import type { IncomingHttpHeaders } from 'node:http';
import * as v from 'valibot';
import type { Incoming } from './answer.ts';

/** A request as API Gateway hands it over, in the form that node:http would. */
export type GatewayRequest = Incoming;

const lists = v.nullish(v.record(v.string(), v.array(v.string())));
const texts = v.nullish(v.record(v.string(), v.optional(v.string())));
const body = { body: v.nullish(v.string()), isBase64Encoded: v.nullish(v.boolean()) };

/** Payload 1.0: REST APIs. https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html */
const restEvent = v.object({
  ...body,
  httpMethod: v.string(),
  path: v.string(),
  headers: texts,
  multiValueHeaders: lists,
  queryStringParameters: texts,
  multiValueQueryStringParameters: lists,
  requestContext: v.nullish(v.object({ identity: v.nullish(v.object({ sourceIp: v.nullish(v.string()) })) })),
});

/** Payload 2.0: HTTP APIs. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
const httpEvent = v.object({
  ...body,
  version: v.literal('2.0'),
  rawPath: v.string(),
  rawQueryString: v.nullish(v.string(), ''),
  headers: texts,
  cookies: v.nullish(v.array(v.string())),
  requestContext: v.object({
    stage: v.nullish(v.string()),
    http: v.object({ method: v.string(), sourceIp: v.nullish(v.string(), '') }),
  }),
});

/**
 * @param basePath taken off the path where it stands before it
 * @throws TypeError for an event that no API Gateway sends
 */
export function readGatewayEvent(event: unknown, basePath?: string): GatewayRequest {
  const http = v.safeParse(httpEvent, event);
  if (http.success) return fromHttpApi(http.output, basePath);
  const rest = v.safeParse(restEvent, event);
  if (rest.success) return fromRestApi(rest.output, basePath);
  throw new TypeError('This event is not a request of API Gateway: it has neither httpMethod nor rawPath.');
}

/** Whether an event is a request of API Gateway, for a function that is also invoked in other ways. */
export const isGatewayEvent = (event: unknown): boolean => v.is(httpEvent, event) || v.is(restEvent, event);

function fromHttpApi(event: v.InferOutput<typeof httpEvent>, basePath?: string): GatewayRequest {
  const { stage, http } = event.requestContext;
  // The stage stands before the path, unless it is the default one.
  const staged = stage && stage !== '$default' ? without(event.rawPath, `/${stage}`) : event.rawPath;
  const cookie = event.cookies?.join('; ');
  return {
    method: http.method,
    path: encodeDecodedPath(without(staged, basePath)),
    search: event.rawQueryString,
    headers: { ...headersOf(pairs(event.headers)), ...(cookie && { cookie }) },
    address: http.sourceIp,
    body: () => bodyOf(event),
  };
}

function fromRestApi(event: v.InferOutput<typeof restEvent>, basePath?: string): GatewayRequest {
  return {
    method: event.httpMethod,
    path: encodeLoosePath(without(event.path, basePath)),
    search: new URLSearchParams(
      event.multiValueQueryStringParameters
        ? listPairs(event.multiValueQueryStringParameters)
        : pairs(event.queryStringParameters),
    ).toString(),
    headers: headersOf(event.multiValueHeaders ? listPairs(event.multiValueHeaders) : pairs(event.headers)),
    address: event.requestContext?.identity?.sourceIp ?? '',
    body: () => bodyOf(event),
  };
}

type Pair = [name: string, value: string];

const pairs = (record: Readonly<Record<string, string | undefined>> | null | undefined): Pair[] =>
  Object.entries(record ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));

const listPairs = (record: Readonly<Record<string, string[]>>): Pair[] =>
  Object.entries(record).flatMap(([name, values]) => values.map((value): Pair => [name, value]));

function without(path: string, prefix: string | undefined): string {
  if (!prefix || !(path === prefix || path.startsWith(`${prefix}/`))) return path;
  return path.slice(prefix.length) || '/';
}

/**
 * An HTTP API decodes the path, so that every character of it stands for itself. A `/` that was encoded cannot be told
 * from one that was not: no id may need one.
 */
function encodeDecodedPath(path: string): string {
  // A lone surrogate cannot be encoded: it becomes U+FFFD, as in any other text.
  return encodeURI(path.toWellFormed()).replaceAll('?', '%3F').replaceAll('#', '%23');
}

/** A REST API leaves the path encoded. Only what could not stand in a request line is encoded: emulators send it so. */
function encodeLoosePath(path: string): string {
  return path.replaceAll(/[^!-~]+|[?#"<>\\^`{|}]/g, (text) => encodeURIComponent(text.toWellFormed()));
}

/** What comes twice is joined, as the server does (`joinDuplicateHeaders`): of two names in `authorization` none is taken. */
function headersOf(given: Pair[]): IncomingHttpHeaders {
  const headers: Record<string, string> = {};
  for (const [given_, text] of given) {
    const name = given_.toLowerCase();
    const value = asBytes(text);
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else headers[name] = before + (name === 'cookie' ? '; ' : ', ') + value;
  }
  return headers;
}

/** node:http hands the bytes of a header over as latin-1. What has characters beyond was decoded: its bytes are UTF-8. */
const asBytes = (text: string): string =>
  /[^\0-\xff]/.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;

async function* bodyOf(event: {
  body?: string | null | undefined;
  isBase64Encoded?: boolean | null | undefined;
}): AsyncGenerator<Buffer> {
  if (event.body) yield Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8');
}
