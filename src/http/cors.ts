import type { IncomingHttpHeaders } from 'node:http';

/** Origins whose pages may call: any, or those in the list. */
export type CorsOrigins = '*' | readonly string[];

/** Chrome keeps a preflight's answer for 7,200 s at the most. */
const PREFLIGHT = {
  'access-control-allow-methods': 'GET, HEAD, POST, PATCH, DELETE',
  // By name: a wildcard does not cover `authorization`.
  'access-control-allow-headers': 'authorization, content-type, if-none-match',
  'access-control-max-age': '7200',
};

const EXPOSED = { 'access-control-expose-headers': 'ETag, Link, Location, Retry-After, X-Request-Id' };

/**
 * CORS headers for an answer to this request, errors included.
 * @param more names of headers that pages may send besides those that every API takes
 */
export function corsHeaders(
  origins: CorsOrigins,
  { method, headers }: { method: string; headers: IncomingHttpHeaders },
  more: readonly string[] = [],
): Record<string, string> {
  const allowed = allowOrigin(origins, headers.origin);
  return Object.assign({}, EXPOSED, allowed, method === 'OPTIONS' && preflight(more));
}

function preflight(more: readonly string[]): Record<string, string> {
  const name = 'access-control-allow-headers';
  return { ...PREFLIGHT, [name]: [PREFLIGHT[name], ...more].join(', ') };
}

function allowOrigin(origins: CorsOrigins, origin: string | undefined): Record<string, string> {
  if (origins === '*') return { 'access-control-allow-origin': '*' };
  const allowed = origin !== undefined && origins.includes(origin);
  return { vary: 'Origin', ...(allowed && { 'access-control-allow-origin': origin }) };
}
