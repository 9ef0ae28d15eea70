import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Scope } from './service.ts';

export type Claims = Record<string, unknown>;
export type Issuer = Awaited<ReturnType<typeof startIssuer>>;

/** A key pair and the public half as a JWKS lists it. */
export function makeKey(kid: string) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    kid,
    privateKey,
    publicKey,
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' },
  };
}

/** `header.payload.signature`, signed by RS256. */
export function signToken(header: Claims, claims: Claims, key: KeyObject): string {
  const input = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${input}.${createSign('RSA-SHA256').update(input).sign(key, 'base64url')}`;
}

/**
 * An issuer of tokens as Cognito is, with its JWKS on a real server. `keys` are those it lists; `answer` takes the place of
 * the JWKS; `fetched` counts the requests for it.
 */
export async function startIssuer(scope: Scope) {
  const key = makeKey('first');
  const state = { keys: [key], fetched: 0, answer: undefined as RequestListener | undefined };
  const server = createServer((request, response) => {
    state.fetched += 1;
    if (state.answer) return state.answer(request, response);
    response.end(JSON.stringify({ keys: state.keys.map(({ jwk }) => jwk) }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.after(async () => {
    server.closeAllConnections();
    server.close();
  });
  // A server that listens on TCP has an AddressInfo.
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pool`;

  return {
    state,
    key,
    issuer,
    audience: 'the-app',
    environment: { IDENTITY: 'jwt', JWT_ISSUER: issuer, JWT_AUDIENCE: 'the-app' },
    /** The claims of a good token. @param changes what is not as it should be; undefined leaves a claim out */
    claims(changes: Claims = {}): Claims {
      const now = Math.floor(Date.now() / 1000);
      return {
        iss: issuer,
        aud: 'the-app',
        sub: '7c1a',
        token_use: 'id',
        'cognito:username': 'ann',
        iat: now,
        exp: now + 3600,
        ...changes,
      };
    },
    token(changes: Claims = {}, signer = key): string {
      return signToken({ alg: 'RS256', kid: signer.kid }, this.claims(changes), signer.privateKey);
    },
  };
}
