import { generateKeyPair } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Configuration, interactionPolicy, type JWK, Provider } from 'oidc-provider';
import * as v from 'valibot';
import { keptSecret } from '../secrets.ts';
import type { Account, Accounts } from './accounts.ts';
import { createMemory } from './memory.ts';
import { messagePage } from './pages.ts';

/** The one client: pages and programs of this machine. */
export const CLIENT_ID = 'postagram';

/** Where it may be sent back to: any port of this machine. */
const HOSTS = ['localhost', '127.0.0.1'];
const PATHS = ['/', '/callback', '/index.html'];
const REDIRECTS = HOSTS.flatMap((host) => PATHS.map((path) => `http://${host}${path}`));

const SCOPES = 'openid profile email';

/** Seconds that ID and access tokens are good for; Cognito's default. */
const TOKEN_TTL = 3600;

/**
 * An OpenID Connect provider that answers at Cognito's paths with Cognito's claims. Keys and the secret of its cookies stay
 * in the data folder.
 * @param issuer its own address
 */
export async function createProvider(issuer: string, accounts: Accounts, dataDir: string) {
  const policy = interactionPolicy.base();
  // The one client is this machine's own: nobody is asked whether it may know their name.
  policy.remove('consent');

  return new Provider(issuer, {
    adapter: createMemory(),
    jwks: { keys: [await keptKey(dataDir)] },
    clients: [
      {
        client_id: CLIENT_ID,
        // May be sent back to plain http, on this machine alone and at any of its ports.
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'implicit', 'refresh_token'],
        response_types: ['code', 'id_token token'],
        redirect_uris: REDIRECTS,
      },
    ],
    cookies: { keys: [await keptSecret(dataDir, 'sign-in-cookies')] },
    clientBasedCORS: (_ctx, origin) => HOSTS.includes(new URL(origin).hostname),
    scopes: SCOPES.split(' '),
    responseTypes: ['code', 'id_token token'],
    claims: {
      openid: ['sub', 'token_use', 'cognito:username', 'cognito:groups'],
      profile: ['preferred_username'],
    },
    // As Cognito: what a scope names stands in the ID token, beside an access token too.
    conformIdTokenClaims: false,
    extraTokenClaims: (_ctx, token) => {
      const account = 'accountId' in token ? accounts.withSub(token.accountId) : undefined;
      return account && { token_use: 'access', username: account.name, ...groupsOf(account) };
    },
    findAccount: (_ctx, sub) => {
      const account = accounts.withSub(sub);
      return account && { accountId: sub, claims: () => claimsOf(account) };
    },
    loadExistingGrant,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    ttl: {
      AccessToken: TOKEN_TTL,
      IdToken: TOKEN_TTL,
      AuthorizationCode: 60,
      Interaction: 3600,
      Grant: 30 * 86_400,
      Session: 30 * 86_400,
      RefreshToken: 30 * 86_400,
    },
    interactions: { policy, url: (_ctx, { uid }) => `/login/${uid}` },
    features: {
      devInteractions: { enabled: false },
      // Cognito's own way is in cognito.ts.
      rpInitiatedLogout: { enabled: false },
      revocation: { enabled: true },
      // Access tokens are JWTs, as Cognito's are.
      resourceIndicators: {
        enabled: true,
        defaultResource: () => issuer,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: '',
          audience: CLIENT_ID,
          accessTokenFormat: 'jwt',
          accessTokenTTL: TOKEN_TTL,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    discovery: { end_session_endpoint: `${issuer}/logout` },
    routes: {
      authorization: '/oauth2/authorize',
      token: '/oauth2/token',
      revocation: '/oauth2/revoke',
      userinfo: '/oauth2/userInfo',
      jwks: '/.well-known/jwks.json',
    },
    renderError: (ctx, { error, error_description: description }) => {
      ctx.type = 'html';
      ctx.body = messagePage(`${error}${description ? `: ${description}` : ''}`);
    },
  } satisfies Configuration);

  async function loadExistingGrant({ oidc }: Parameters<NonNullable<Configuration['loadExistingGrant']>>[0]) {
    const { session, client, provider } = oidc;
    if (!session?.accountId || !client) return undefined;
    const known = session.grantIdFor(client.clientId);
    const found = known === undefined ? undefined : await provider.Grant.find(known);
    if (found) return found;
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope(SCOPES);
    grant.addResourceScope(issuer, '');
    await grant.save();
    return grant;
  }
}

function claimsOf(account: Account) {
  const { sub, name } = account;
  return {
    sub,
    token_use: 'id',
    'cognito:username': name,
    preferred_username: name,
    ...groupsOf(account),
  };
}

/** Cognito leaves the claim out where there are none. */
const groupsOf = ({ groups }: Account) => (groups.length > 0 ? { 'cognito:groups': groups } : {});

const keySchema = v.looseObject({ kty: v.literal('RSA'), n: v.string(), e: v.string(), d: v.string() });

async function keptKey(dataDir: string): Promise<JWK> {
  const path = join(dataDir, 'sign-in-key.json');
  await mkdir(dataDir, { recursive: true });
  try {
    return v.parse(keySchema, JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const key = v.parse(keySchema, { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' });
  await writeFile(path, JSON.stringify(key), { mode: 0o600 });
  return key;
}
