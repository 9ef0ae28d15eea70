import { createHmac } from 'node:crypto';
import { type Issuer, makeKey, signToken } from '../support/issuer.ts';

/** Seconds since 1970, asked for each token: a slow machine must not make one older than it is meant to be. */
const now = () => Math.floor(Date.now() / 1000);

const unsigned = (header: object, claims: object) =>
  [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');

/**
 * Values of an `authorization` header that prove nothing, by what is wrong with them, each made anew when it is sent.
 * @param issuer the one that is trusted, whose tokens are for `the-app`
 * @param other one that is not
 */
export function attacksOn(issuer: Issuer, other: Issuer): Record<string, () => string | undefined> {
  const { key } = issuer;
  const stranger = makeKey('first');
  const token: Issuer['token'] = (...from) => issuer.token(...from);
  const hs256 = (secret: string | Buffer) => {
    const input = unsigned({ alg: 'HS256', kid: 'first' }, issuer.claims());
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  };
  const header = (changes: object) =>
    signToken({ alg: 'RS256', kid: 'first', ...changes }, issuer.claims(), key.privateKey);

  return {
    'no header': () => undefined,
    'an empty header': () => '',
    'Bearer alone': () => 'Bearer ',
    'a plain name': () => 'ann',
    'another scheme': () => `Basic ${token()}`,
    'no signature': () => `${token().split('.').slice(0, 2).join('.')}.`,
    'alg none': () => `${unsigned({ alg: 'none', kid: 'first' }, issuer.claims())}.`,
    'alg none with a signature': () => `${unsigned({ alg: 'none', kid: 'first' }, issuer.claims())}.AAAA`,
    'HS256 with the public key in PEM': () =>
      hs256(key.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    'HS256 with the public key in DER': () => hs256(key.publicKey.export({ type: 'spki', format: 'der' })),
    'HS256 with the modulus': () => hs256(String(key.jwk.n)),
    'RS512 in the header': () => header({ alg: 'RS512' }),
    'another issuer': () => token({ iss: other.issuer }),
    'a token of another issuer': () => other.token(),
    'no issuer': () => token({ iss: undefined }),
    'another audience': () => token({ aud: 'the-app-of-somebody' }),
    'no audience': () => token({ aud: undefined, client_id: 'the-app' }),
    'an access token': () => token({ token_use: 'access' }),
    'no token_use': () => token({ token_use: undefined }),
    expired: () => token({ exp: now() - 120 }),
    'no expiry': () => token({ exp: undefined }),
    'an expiry that is a text': () => token({ exp: '9999999999' }),
    'not valid yet': () => token({ nbf: now() + 3600 }),
    'issued in the future': () => token({ iat: now() + 3600 }),
    'a foreign key with a known kid': () => token({}, stranger),
    'another payload under the signature': () => {
      const [head, , signature] = token().split('.');
      const claims = Buffer.from(JSON.stringify(issuer.claims({ 'cognito:username': 'eve' })));
      return `${head}.${claims.toString('base64url')}.${signature}`;
    },
    'no kid': () => header({ kid: undefined }),
    'a kid with a path': () => header({ kid: '../../../etc/passwd' }),
    'a kid that is an object': () => header({ kid: { a: 1 } }),
    'a key of its own in the header': () =>
      signToken({ alg: 'RS256', kid: 'first', jwk: stranger.jwk }, issuer.claims(), stranger.privateKey),
    'the address of another JWKS': () =>
      signToken(
        { alg: 'RS256', kid: 'other', jku: `${other.issuer}/.well-known/jwks.json`, x5u: other.issuer },
        issuer.claims(),
        other.key.privateKey,
      ),
    'too long': () => token({ more: 'x'.repeat(9_000) }),
    'two tokens': () => `${token()}, ${token()}`,
    'no name': () => token({ 'cognito:username': undefined, preferred_username: 'ann', sub: 'ann' }),
    'a name that is none': () => token({ 'cognito:username': 'a/b' }),
    'a name that is a list': () => token({ 'cognito:username': ['ann'] }),
    'groups that are a text': () => token({ 'cognito:groups': 'Admin' }),
    'not JSON inside': () => `${Buffer.from('{').toString('base64url')}.e30.AAAA`,
    'a prototype inside': () =>
      `${Buffer.from('{"alg":"RS256","kid":"first"}').toString('base64url')}.${Buffer.from('{"__proto__":{"a":1}}').toString('base64url')}.AAAA`,
  };
}
