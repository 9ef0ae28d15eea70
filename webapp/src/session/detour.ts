import * as v from 'valibot';

const Detour = v.object({ state: v.string(), nonce: v.string(), verifier: v.string(), back: v.string() });

/** What is needed once the issuer has sent the visitor back. No token is in it. */
export type Detour = v.InferOutput<typeof Detour>;

/** A visitor who comes back: what the issuer says, and what was kept of the way there. */
export type Return = { detour: Detour; answer: URLSearchParams };

const KEY = 'postagram.detour';

/** @throws DOMException when this browser keeps nothing: then nobody can sign in */
export function keepDetour(detour: Detour): void {
  sessionStorage.setItem(KEY, JSON.stringify(detour));
}

/**
 * Whether the page was opened by the issuer sending its visitor back. Then its address becomes again what it was before, so
 * that the code in it is not seen, kept or sent a second time.
 */
export function takeReturn(): Return | undefined {
  const answer = new URLSearchParams(window.location.search);
  const state = answer.get('state');
  if (state === null || !(answer.has('code') || answer.has('error'))) return undefined;
  const detour = readDetour();
  window.history.replaceState(null, '', detour?.back ?? '/');
  return detour && { detour, answer };
}

function readDetour(): Detour | undefined {
  try {
    const kept = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    return v.parse(Detour, JSON.parse(kept ?? ''));
  } catch {
    return undefined;
  }
}
