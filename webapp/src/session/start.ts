import { proveBy, readSignIn, type SignInConfig } from '../api.ts';
import { ApiError } from '../call.ts';
import { createStore } from '../layout/store.ts';
import type { Account } from './account.ts';
import { takeReturn } from './detour.ts';
import { recall, remember } from './storage.ts';

export type Session = {
  name: string | undefined;
  /** `undefined` until it is known, and while signing in is under way. */
  way: 'name' | 'account' | undefined;
  /** Was signed in at an issuer, and probably still is: whether that is so is being asked. */
  returning?: boolean;
  /** Why signing in did not work. */
  problem?: 'insecure' | 'failed';
};

/** Milliseconds between two tries to learn how one signs in. */
const PAUSE = 3_000;

/**
 * Who is using the page. Where names are believed, it is one that is kept over reloads. Where the server wants a token, one
 * signs in at its issuer; the tokens are in memory alone, and a reload asks the issuer anew whether one is signed in there.
 */
export function startSession() {
  const returned = takeReturn();
  const store = createStore<Session>({
    name: recall('name'),
    way: undefined,
    returning: returned !== undefined || recall('account') !== undefined,
  });
  let account: Account | undefined;
  void learn();
  // Whoever signs in or out in another tab does so in all of them.
  window.addEventListener('storage', ({ key }) => {
    if (key === null || key === 'postagram.name' || key === 'postagram.account') follow();
  });
  // A page that the browser has brought back has heard nothing meanwhile.
  window.addEventListener('pageshow', ({ persisted }) => void (persisted && follow()));

  return {
    get: store.get,
    subscribe: store.subscribe,

    /** @param name where names are believed; otherwise the page leaves for the issuer */
    signIn(name?: string) {
      if (!account) return setName(name);
      account.leaveToSignIn().catch(() => store.set({ name: undefined, way: 'account', problem: 'failed' }));
    },

    signOut() {
      if (!account) return setName(undefined);
      remember('account', undefined);
      store.set({ name: undefined, way: 'account' });
      void account.leaveToSignOut();
    },
  };

  function setName(name: string | undefined) {
    remember('name', name);
    store.set({ name, way: store.get().way });
  }

  /** Takes over what another tab has changed. A new account is known to its tab alone. */
  function follow() {
    const { name, way } = store.get();
    if (way === 'account' && name !== undefined && recall('account') === undefined) signedOut();
    if (way === 'name' && name !== recall('name')) store.set({ name: recall('name'), way });
  }

  async function learn() {
    try {
      const config = await readSignIn();
      if (config.identity === 'plain') store.set({ name: recall('name'), way: 'name' });
      else await useAccount(config);
    } catch {
      setTimeout(() => void learn(), PAUSE);
    }
  }

  async function useAccount(config: Extract<SignInConfig, { identity: 'jwt' }>) {
    store.set({ ...store.get(), name: undefined });
    // Browsers have the hash that PKCE needs on https and on localhost only.
    if (!window.isSecureContext) return store.set({ name: undefined, way: 'account', problem: 'insecure' });
    // A part of its own: who does not sign in like this does not load it.
    const { openAccount } = await import('./account.ts');
    const opened = openAccount(config);
    account = opened;
    proveBy(async () => {
      const token = await opened.token();
      if (token !== undefined) return `Bearer ${token}`;
      signedOut();
      throw new ApiError('refused', 401);
    });

    if (!returned) {
      if (recall('account') === undefined) return store.set({ name: undefined, way: 'account' });
      return opened.leaveToSignIn({ silently: true });
    }
    const result = await opened.finish(returned).catch(() => 'failed' as const);
    if (result === 'failed') return store.set({ name: undefined, way: 'account', problem: 'failed' });
    remember('account', result.name === undefined ? undefined : 'yes');
    store.set({ name: result.name, way: 'account' });
  }

  function signedOut() {
    account?.forget();
    remember('account', undefined);
    store.set({ name: undefined, way: 'account' });
  }
}
