import { type AnswerOptions, createAnswerer } from './answer.ts';
import { HttpError, type Reply, type Routes } from './call.ts';
import { JsonText } from './content/json-text.ts';
import { type GatewayRequest, readGatewayEvent } from './gateway-event.ts';
import { isPages, JSON_HEADERS, type Pages } from './send.ts';

/**
 * Bytes that a function may answer, its envelope included: 6 MB.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_ANSWER = 6 * 1024 * 1024;

/** Bytes of an answer besides its body, at the most: status and headers. */
const MAX_ENVELOPE = 16 * 1024;

/** Set by API Gateway itself, or of the connection, which is API Gateway's. */
const OF_THE_CONNECTION = ['connection', 'content-length', 'transfer-encoding', 'keep-alive'];

/** What API Gateway makes an HTTP response of; REST v1 and HTTP v2 take the same. */
export type GatewayAnswer = {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded: boolean;
};

export type LambdaOptions = AnswerOptions & {
  /** Stands before every path where a domain of one's own maps a path to the API, such as `/v1`. */
  basePath?: string;
};

/**
 * The Lambda side of the chassis: makes a function's handler from a table of routes, as `createRouter` makes a listener
 * of node:http. It takes the events of REST APIs (payload 1.0) and HTTP APIs (2.0) and answers what node:http would,
 * except for two bounds of the platform: an answer has at most 6 MB (413 beyond), and a list is whole before it is sent.
 * Nor is JSON compressed: it would have to travel in base64, which REST APIs decode only for the types that they are told.
 * @param routes `'METHOD /path/:param'` → handler
 * @throws TypeError for an event that no API Gateway sends
 */
export function createLambdaHandler(routes: Routes, options: LambdaOptions) {
  const open = createAnswerer(routes, options);

  return async (event: unknown): Promise<GatewayAnswer> => {
    const request = readGatewayEvent(event, options.basePath);
    const exchange = open(request);
    const answer = await exchange
      .reply()
      .then((reply) => gatewayAnswer(request, reply))
      .catch((error: unknown) => gatewayAnswer(request, exchange.refusal(error)));
    exchange.end(answer.statusCode);
    return { ...answer, headers: { ...exchange.headers, ...answer.headers } };
  };
}

async function gatewayAnswer({ method }: GatewayRequest, reply: Reply): Promise<GatewayAnswer> {
  const { status: statusCode = 200, body } = reply;
  const ours = Object.entries(reply.headers ?? {}).filter(([name]) => !OF_THE_CONNECTION.includes(name));
  const given = Object.fromEntries(ours);
  const isBytes = body instanceof Uint8Array;
  const headers = body === undefined || isBytes ? given : { ...JSON_HEADERS, ...given };
  if (body === undefined || method === 'HEAD') {
    if (isPages(body)) await body[Symbol.asyncIterator]().return?.(undefined);
    return { statusCode, headers, body: '', isBase64Encoded: false };
  }
  // Text is sent as text: a REST API decodes base64 only for the types that its binary media types name.
  const asText = !isBytes || isText(headers);
  const text = isBytes ? bytesAs(asText, body) : await jsonOf(body);
  const answer = { statusCode, headers, body: text, isBase64Encoded: !asText };
  if (isTooLong(answer)) throw tooLong();
  return answer;
}

function bytesAs(asText: boolean, body: Uint8Array): string {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return bytes.toString(asText ? 'utf8' : 'base64');
}

const isText = (headers: Readonly<Record<string, string>>): boolean =>
  headers['content-encoding'] === undefined &&
  /^(text\/|application\/([\w.-]+\+)?json\b)/.test(headers['content-type'] ?? '');

async function jsonOf(body: unknown): Promise<string> {
  if (isPages(body)) return jsonArray(body);
  return body instanceof JsonText ? body.bytes.toString() : JSON.stringify(body);
}

/** @throws HttpError 413 as soon as there is more than may be sent: the rest is not read */
async function jsonArray(pages: Pages): Promise<string> {
  const parts: string[] = [];
  let length = 0;
  for await (const page of pages) {
    if (page.length === 0) continue;
    const part = JSON.stringify(page).slice(1, -1);
    length += Buffer.byteLength(part) + 1;
    if (length > MAX_ANSWER) throw tooLong();
    parts.push(part);
  }
  return `[${parts.join(',')}]`;
}

/** The envelope is JSON, in which a quote of the body takes two bytes: what is short even so need not be counted. */
function isTooLong(answer: GatewayAnswer): boolean {
  if (Buffer.byteLength(answer.body) * 2 + MAX_ENVELOPE < MAX_ANSWER) return false;
  return Buffer.byteLength(JSON.stringify(answer)) + MAX_ENVELOPE > MAX_ANSWER;
}

const tooLong = () => new HttpError(413, `The answer is longer than ${MAX_ANSWER} bytes: ask for less.`);
