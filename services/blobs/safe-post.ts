import { lookup as dnsLookup } from 'node:dns/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { type CallbackRules, hostOf, isLoopback, isPublic, urlProblem } from './callback-url.ts';

/** Milliseconds for all of it: name, connection, TLS, headers of the answer. */
const TIMEOUT = 15_000;

/** All addresses of a name. */
export type Resolve = (host: string) => Promise<{ address: string; family: number }[]>;

/** An address that nobody's URL may make us call. */
export class Refused extends Error {}

/**
 * POSTs to a URL that a stranger gave. The name is resolved once, by the connection itself, and each of its addresses must
 * be allowed: no second look-up could answer something else. Redirects are not followed, the answer's body is not read.
 * @returns the status, and `retry-after` if there is one
 * @throws Refused for an address that is not allowed, or the connection's own error
 */
export async function safePost(
  text: string,
  { headers, body }: { headers: Record<string, string>; body: string },
  rules: CallbackRules,
  resolve: Resolve = (host) => dnsLookup(host, { all: true }),
): Promise<{ status: number; retryAfter: string | undefined }> {
  const problem = urlProblem(text, rules);
  if (problem !== undefined) throw new Refused(problem);
  const url = new URL(text);
  const isHttp = url.protocol === 'http:';
  const request = isHttp ? requestHttp : requestHttps;
  return new Promise((done, fail) => {
    const sent = request(url, {
      method: 'POST',
      // A connection kept open would be one to an address that was allowed then.
      agent: false,
      hostname: hostOf(url),
      lookup: guardedLookup(resolve, isHttp ? isLoopback : isPublic),
      signal: AbortSignal.timeout(TIMEOUT),
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    });
    sent.on('response', (response) => {
      const { statusCode = 0, headers: answered } = response;
      // What it says besides is not read: there is no bound to keep.
      response.destroy();
      done({ status: statusCode, retryAfter: answered['retry-after'] });
    });
    sent.on('error', fail);
    sent.end(body);
  });
}

function guardedLookup(resolve: Resolve, isAllowed: (address: string) => boolean): LookupFunction {
  return async (host, options, callback) => {
    try {
      const found = await resolve(host);
      const [first] = found;
      if (!first || !found.every(({ address }) => isAllowed(address)))
        throw new Refused('leads to an address that may not be called');
      // Outside of the promise: what the connection throws is not ours.
      if (options.all) setImmediate(callback, null, found);
      else setImmediate(callback, null, first.address, first.family);
    } catch (error) {
      setImmediate(callback, error instanceof Error ? error : new Error(String(error)), '', 0);
    }
  };
}
