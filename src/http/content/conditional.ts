import type { IncomingHttpHeaders } from 'node:http';
import type { Reply } from '../call.ts';
import { SMALL } from './compress.ts';
import { JsonText } from './json-text.ts';

/** What a 304 says of the answer that it stands for (RFC 9110, 15.4.5). */
const KEPT = ['cache-control', 'content-location', 'date', 'etag', 'expires', 'vary'];

/**
 * Headers of JSON that its reader may keep for itself, and has to ask for again each time: a 304 is all it costs.
 * @param more what else the answer says, in its headers
 */
export const revalidated = (body: JsonText, more?: string) => ({
  'cache-control': 'private, no-cache',
  etag: body.tag(more),
});

/**
 * A 304 without body in the place of a 200 whose tag the caller has (RFC 9110, 13.1.2).
 * @param reply to GET or HEAD
 */
export function unlessKnown(headers: IncomingHttpHeaders, reply: Reply): Reply {
  const { status = 200, headers: given = {}, body } = reply;
  const asked = headers['if-none-match'];
  if (asked === undefined || status !== 200 || !isKnown(asked, given.etag)) return reply;
  const kept = Object.entries(given).filter(([name]) => KEPT.includes(name));
  const varies = body instanceof JsonText && body.bytes.length > SMALL;
  return {
    status: 304,
    headers: { ...(varies && { vary: 'Accept-Encoding' }), ...Object.fromEntries(kept) },
  };
}

/**
 * Whether an `If-None-Match` names the tag, by weak comparison: `*`, or tags between commas, which a tag may hold too.
 * @param tag undefined for what has none
 */
export function isKnown(asked: string, tag: string | undefined): boolean {
  if (tag === undefined) return false;
  if (asked.trim() === '*') return true;
  const wanted = opaque(tag);
  return (asked.match(/(?:W\/)?"[^"]*"/g) ?? []).some((known) => opaque(known) === wanted);
}

const opaque = (tag: string): string => tag.replace(/^W\//, '');
