import * as v from 'valibot';
import type { Identity } from './identity.ts';
import { createJwtIdentity } from './jwt.ts';
import { plain } from './plain.ts';

/** An issuer's address: https, or http on this machine alone. */
const issuerSchema = v.pipe(
  v.string(),
  v.check(isSafeIssuer, 'must be an https address, as the iss of its tokens says it'),
);

/** The variables that say how callers are known. */
export const identityVariables = {
  /** `plain`: the name in the header is believed. `jwt`: a token of JWT_ISSUER proves it. */
  IDENTITY: v.optional(v.picklist(['plain', 'jwt'], 'must be plain or jwt'), 'plain'),
  JWT_ISSUER: v.optional(issuerSchema),
  /** Where the web app gets its tokens, if not at the issuer: Cognito has a domain for it. */
  JWT_SIGN_IN: v.optional(issuerSchema),
  /** Ids of the clients whose tokens are accepted, separated by commas. */
  JWT_AUDIENCE: v.optional(
    v.pipe(
      v.string(),
      v.transform((list) => list.split(',').map((id) => id.trim())),
      v.check((ids) => ids.every((id) => id !== ''), 'must be ids separated by commas'),
    ),
  ),
  /** The claim that names the caller: immutable and unique at this issuer. */
  JWT_NAME_CLAIM: v.optional(v.pipe(v.string(), v.nonEmpty('is empty')), 'cognito:username'),
};

type Configured = v.InferOutput<v.ObjectSchema<typeof identityVariables, undefined>>;

/**
 * The way of knowing callers that the configuration names.
 * @throws Error naming the variable that is missing
 */
export function configuredIdentity(config: Configured): Identity {
  if (config.IDENTITY === 'plain') return plain;
  const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience, JWT_NAME_CLAIM: nameClaim } = config;
  if (!issuer) throw new Error('Configuration: JWT_ISSUER is missing: IDENTITY is jwt.');
  if (!audience) throw new Error('Configuration: JWT_AUDIENCE is missing: IDENTITY is jwt.');
  return createJwtIdentity({ issuer, audience, nameClaim });
}

/** What a page has to know to sign its user in: the answer of `GET /config`. */
export function signInOf(config: Configured) {
  const {
    IDENTITY: identity,
    JWT_ISSUER: issuer,
    JWT_AUDIENCE: audience,
    JWT_NAME_CLAIM: nameClaim,
  } = config;
  return identity === 'plain' ? { identity } : { identity, issuer, clientId: audience?.[0], nameClaim };
}

/** The origins that a page talks to in order to sign its user in. */
export function signInOrigins({ IDENTITY, JWT_ISSUER, JWT_SIGN_IN }: Configured): string[] {
  if (IDENTITY === 'plain') return [];
  return [JWT_ISSUER, JWT_SIGN_IN].flatMap((url) => (url === undefined ? [] : new URL(url).origin));
}

function isSafeIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return (
    protocol === 'https:' || (protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname))
  );
}
