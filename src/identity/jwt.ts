import type { IncomingHttpHeaders } from 'node:http';
import {
  JwtExpiredError,
  JwtInvalidClaimError,
  JwtInvalidSignatureAlgorithmError,
} from 'aws-jwt-verify/error';
import type { JwtHeader, JwtPayload } from 'aws-jwt-verify/jwt-model';
import { JwtVerifier } from 'aws-jwt-verify';
import * as v from 'valibot';
import { HttpError } from '../http/call.ts';
import type { Caller, Identity } from './identity.ts';
import { createJwks, KeysUnavailable } from './jwks.ts';
import { userNameSchema } from './user-name.ts';

/** Characters a token may have. Cognito's have about 1,100, each group some more. */
const MAX_TOKEN = 8_192;

/** Seconds that clocks may differ. */
const GRACE = 60;

const claimsSchema = v.object({ 'cognito:groups': v.optional(v.array(v.string()), []) });

/**
 * Callers prove their name by an ID token of an OpenID Connect provider such as Cognito, in the `authorization` header with
 * or without `Bearer`. Checked: signature (RS256), issuer, audience, expiry, not-before, issue time, `token_use`.
 * @param issuer as the token's `iss` says it; its keys are at `ISSUER/.well-known/jwks.json`
 * @param audience ids of the clients whose tokens are accepted
 * @param nameClaim the claim that names the caller: one that the issuer guarantees to be immutable and unique
 * @param now clock in ms for the keys' refresh
 */
export function createJwtIdentity(
  { issuer, audience, nameClaim }: { issuer: string; audience: string[]; nameClaim: string },
  now?: () => number,
): Identity {
  const verifier = JwtVerifier.create(
    { issuer, audience, graceSeconds: GRACE, customJwtCheck: checkClaims },
    { jwksCache: createJwks(now) },
  );

  return {
    verified: true,

    async callerOf(headers: IncomingHttpHeaders): Promise<Caller> {
      const token = headers.authorization?.replace(/^Bearer +/i, '');
      if (!token) throw refusal('Sign in: there is no token in the authorization header.');
      if (token.length > MAX_TOKEN) throw refusal(`The token is longer than ${MAX_TOKEN} characters.`);
      const payload = await verifier.verify(token).catch((error: unknown) => {
        throw refusalOf(error);
      });
      const name = v.safeParse(userNameSchema, payload[nameClaim]);
      const claims = v.safeParse(claimsSchema, payload);
      if (!name.success || !claims.success) throw refusal('The token does not name a user.');
      return { name: name.output, groups: claims.output['cognito:groups'] };
    },
  };
}

/** What the library leaves to its caller. @throws JwtInvalidClaimError, JwtInvalidSignatureAlgorithmError */
function checkClaims({ header, payload }: { header: JwtHeader; payload: JwtPayload }): void {
  const { alg } = header;
  const { exp, iat = 0, token_use: use } = payload;
  // Only what Cognito signs with: the key need not say its algorithm, and then the token would choose it.
  if (alg !== 'RS256') throw new JwtInvalidSignatureAlgorithmError('Algorithm not allowed', alg, 'RS256');
  if (use !== 'id') throw new ClaimError('Not an ID token', use, 'id');
  if (exp === undefined) throw new ClaimError('Never expires', exp);
  if (iat > Date.now() / 1000 + GRACE) throw new ClaimError('Issued in the future', iat);
}

class ClaimError extends JwtInvalidClaimError {}

/** Of a token that is not good the caller learns no more than it needs to get a good one. */
function refusalOf(error: unknown): HttpError {
  if (error instanceof KeysUnavailable) {
    const unavailable = new HttpError(503, 'The identity provider cannot be reached.', {
      'retry-after': '2',
    });
    unavailable.cause = error;
    return unavailable;
  }
  const expired = error instanceof JwtExpiredError;
  return refusal(expired ? 'The token has expired: sign in again.' : 'The token is not valid here.');
}

const refusal = (detail: string) => new HttpError(401, detail, { 'www-authenticate': 'Bearer' });
