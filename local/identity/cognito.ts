import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';

/**
 * What Cognito takes at its address to sign in, as OpenID Connect has it: `/login` is the same as `/oauth2/authorize`, and
 * `token` means that both tokens come in the fragment, though no nonce was sent.
 * @param url path and query
 */
export function asOpenId(url: string): string {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  if (pathname !== '/login' && pathname !== '/oauth2/authorize') return url;
  if (searchParams.get('response_type') === 'token') {
    searchParams.set('response_type', 'id_token token');
    if (!searchParams.get('nonce')) searchParams.set('nonce', randomBytes(16).toString('base64url'));
  }
  const scopes = searchParams.get('scope')?.split(' ') ?? [];
  if (!scopes.includes('openid')) searchParams.set('scope', ['openid', ...scopes].join(' '));
  return `/oauth2/authorize?${searchParams}`;
}

/**
 * Cognito's `/logout`: ends the session without asking, then leads to `logout_uri` (OpenID Connect's
 * `post_logout_redirect_uri`), or, with a `redirect_uri`, to signing in again.
 * @returns what is wrong with the request, if anything
 */
export async function signOut(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<string | undefined> {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const client = await provider.Client.find(searchParams.get('client_id') ?? '').catch(() => undefined);
  if (!client) return 'client_id: there is no such client';
  const target = searchParams.get('logout_uri') ?? searchParams.get('post_logout_redirect_uri');
  if (target === null && !searchParams.has('redirect_uri')) return 'logout_uri or redirect_uri: missing';
  if (target !== null && !client.redirectUriAllowed(target)) return 'logout_uri: not registered';

  const session = await provider.Session.get(provider.createContext(request, response));
  // Refresh tokens end with the session that they come from.
  if (session.accountId) await session.destroy();
  response.writeHead(302, {
    location: target === null ? `/login?${searchParams}` : withState(target, searchParams.get('state')),
    'cache-control': 'no-store',
  });
  response.end();
  return undefined;
}

function withState(target: string, state: string | null): string {
  const url = new URL(target);
  if (state !== null) url.searchParams.set('state', state);
  return url.href;
}
