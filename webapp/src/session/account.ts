import * as oauth from 'oauth4webapi';
import type { SignInConfig } from '../api.ts';
import { ApiError } from '../call.ts';
import { keepDetour, type Return } from './detour.ts';

export type Account = ReturnType<typeof openAccount>;

/** Milliseconds that a token still has when it is renewed. */
const RENEW = 60_000;
/** Seconds that this device's clock may differ from the issuer's. */
const CLOCKS = 300;
/** Milliseconds until a call to the issuer counts as lost. */
const PATIENCE = 20_000;

/** Signing in at an OpenID Connect issuer by authorization code and PKCE. The tokens are in this closure and nowhere else. */
export function openAccount(config: Extract<SignInConfig, { identity: 'jwt' }>) {
  const { clientId, nameClaim } = config;
  const issuer = new URL(config.issuer);
  const client: oauth.Client = { client_id: clientId, [oauth.clockTolerance]: CLOCKS };
  const home = new URL('/', window.location.href).href;
  let found: Promise<oauth.AuthorizationServer> | undefined;
  let tokens: { id: string; refresh: string | undefined; until: number } | undefined;
  let renewing: Promise<void> | undefined;

  return {
    /**
     * Leaves the page for the issuer's.
     * @param options.silently only to see whether one is signed in there: no form is shown
     */
    async leaveToSignIn({ silently = false } = {}): Promise<void> {
      const endpoint = new URL((await server()).authorization_endpoint ?? '');
      const { pathname, search } = window.location;
      const verifier = oauth.generateRandomCodeVerifier();
      const detour = {
        state: oauth.generateRandomState(),
        nonce: oauth.generateRandomNonce(),
        verifier,
        back: `${pathname}${search}`,
      };
      keepDetour(detour);
      const query = {
        client_id: clientId,
        redirect_uri: home,
        response_type: 'code',
        scope: 'openid',
        state: detour.state,
        nonce: detour.nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...(silently && { prompt: 'none' }),
      };
      for (const [name, value] of Object.entries(query)) endpoint.searchParams.set(name, value);
      if (silently) window.location.replace(endpoint);
      else window.location.assign(endpoint);
    },

    /**
     * Takes the tokens for the code that the issuer sent back.
     * @returns the name, `undefined` when nobody is signed in there
     * @throws Error when the answer is not to what was asked, or not valid
     */
    async finish({ detour, answer }: Return): Promise<{ name: string | undefined }> {
      const as = await server();
      try {
        const callback = oauth.validateAuthResponse(as, client, answer, detour.state);
        const response = await oauth.authorizationCodeGrantRequest(
          as,
          client,
          oauth.None(),
          callback,
          home,
          detour.verifier,
          options(),
        );
        const result = await oauth.processAuthorizationCodeResponse(as, client, response, {
          expectedNonce: detour.nonce,
          requireIdToken: true,
        });
        return { name: take(result) };
      } catch (error) {
        const isStranger =
          error instanceof oauth.AuthorizationResponseError && error.error === 'login_required';
        if (isStranger) return { name: undefined };
        throw error;
      }
    },

    /**
     * An ID token that is good for a while.
     * @returns `undefined` when the issuer gives no more: one has to sign in again
     * @throws ApiError when it cannot be reached
     */
    async token(): Promise<string | undefined> {
      if (tokens && tokens.until - Date.now() < RENEW) {
        // Whoever asks meanwhile waits for the same one: a refresh token may be good once.
        renewing ??= renew().finally(() => (renewing = undefined));
        await renewing;
      }
      return tokens?.id;
    },

    forget() {
      tokens = undefined;
    },

    /** Leaves the page for the issuer's, to be signed out there too. */
    async leaveToSignOut(): Promise<void> {
      tokens = undefined;
      const { end_session_endpoint: named, authorization_endpoint: authorize = '' } = await server();
      const endpoint = new URL(named ?? new URL('../logout', authorize));
      endpoint.searchParams.set('client_id', clientId);
      // The first is OpenID Connect's, the second Cognito's.
      endpoint.searchParams.set('post_logout_redirect_uri', home);
      endpoint.searchParams.set('logout_uri', home);
      window.location.assign(endpoint);
    },
  };

  function options() {
    return {
      signal: AbortSignal.timeout(PATIENCE),
      // On the laptop; the server takes no other issuer without https.
      [oauth.allowInsecureRequests]: issuer.protocol === 'http:',
    };
  }

  async function server(): Promise<oauth.AuthorizationServer> {
    found ??= oauth
      .discoveryRequest(issuer, options())
      .then((response) => oauth.processDiscoveryResponse(issuer, response));
    return found.catch((error: unknown) => {
      found = undefined;
      throw error;
    });
  }

  async function renew(): Promise<void> {
    const { refresh } = tokens ?? {};
    tokens = refresh === undefined ? undefined : tokens;
    if (refresh === undefined) return;
    try {
      const as = await server();
      const response = await oauth.refreshTokenGrantRequest(as, client, oauth.None(), refresh, options());
      take(await oauth.processRefreshTokenResponse(as, client, response));
    } catch (error) {
      if (!(error instanceof oauth.ResponseBodyError)) throw new ApiError('unreachable');
      tokens = undefined;
    }
  }

  /** @returns the user's name */
  function take(result: oauth.TokenEndpointResponse): string {
    const claims = oauth.getValidatedIdTokenClaims(result);
    const name = claims?.[nameClaim];
    if (!claims || result.id_token === undefined || typeof name !== 'string')
      throw new Error(`No ${nameClaim}`);
    const refresh = result.refresh_token ?? tokens?.refresh;
    // By the token's own length, not by its end: this device's clock need not be right.
    const until = Date.now() + (claims.exp - claims.iat) * 1000;
    tokens = { id: result.id_token, refresh, until };
    return name;
  }
}
