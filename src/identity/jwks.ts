import { text } from 'node:stream/consumers';
import { findJwkInJwks, assertIsJwks, type Jwks, type JwksCache, type JwkWithKid } from 'aws-jwt-verify/jwk';
import { safeJsonParse } from 'aws-jwt-verify/safe-json-parse';

/** ms that an identity provider has to hand over its keys. */
const TIMEOUT = 3_000;

/** Bytes its answer may have. Cognito's, two keys, has 0.8 KB. */
const MAX_JWKS = 64 * 1024;

/** ms between two looks for a key that is not known, in which nothing is asked: anybody can make up a key's name. */
const REFRESH = 60_000;

/** ms between two tries while no key is known at all. */
const RETRY = 1_000;

/** The keys cannot be had: whether a token is good cannot be said. */
export class KeysUnavailable extends Error {
  override name = 'KeysUnavailable';
}

/** No key of the issuer has that name. */
export class KeyUnknown extends Error {
  override name = 'KeyUnknown';
}

/**
 * The keys of an issuer, for aws-jwt-verify: fetched when one is not known, all who wait share one fetch, and what is known
 * stays known when the issuer cannot be reached.
 * @param now clock in ms
 */
export function createJwks(now: () => number = () => performance.now()): JwksCache {
  let known: Jwks | undefined;
  let lastTry = -Infinity;
  let trying: Promise<Jwks> | undefined;

  return {
    addJwks: (_uri, jwks) => void (known = jwks),
    getJwks,
    getCachedJwk(_uri, { header: { kid } }) {
      return keyIn(known, kid);
    },
    async getJwk(uri, { header: { kid } }) {
      const key = kid && known && findJwkInJwks(known, kid);
      return key || keyIn(await refreshed(uri), kid);
    },
  };

  /** The keys as they are now, or as they were at the last look if that was a moment ago. */
  async function refreshed(uri: string): Promise<Jwks> {
    if (trying) return trying;
    if (now() - lastTry >= (known ? REFRESH : RETRY))
      return getJwks(uri).catch((error) => known ?? raise(error));
    return known ?? raise(new KeysUnavailable('The keys could not be fetched a moment ago.'));
  }

  async function getJwks(uri: string): Promise<Jwks> {
    lastTry = now();
    trying = fetchJwks(uri).finally(() => (trying = undefined));
    return (known = await trying);
  }
}

function keyIn(jwks: Jwks | undefined, kid: string | undefined): JwkWithKid {
  const key = kid === undefined ? undefined : jwks && findJwkInJwks(jwks, kid);
  return key ?? raise(new KeyUnknown('No key of the issuer has this name.'));
}

async function fetchJwks(uri: string): Promise<Jwks> {
  try {
    const response = await fetch(uri, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT) });
    if (response.status !== 200 || !response.body) throw new Error(`status ${response.status}`);
    const jwks = safeJsonParse(await text(bounded(response.body)));
    assertIsJwks(jwks);
    return jwks;
  } catch (cause) {
    throw new KeysUnavailable(`The keys of ${uri} could not be fetched.`, { cause });
  }
}

async function* bounded(body: AsyncIterable<Uint8Array>) {
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_JWKS) throw new Error(`longer than ${MAX_JWKS} bytes`);
    yield chunk;
  }
}

function raise(error: unknown): never {
  throw error;
}
