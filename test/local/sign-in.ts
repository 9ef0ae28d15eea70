import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';

/** A visitor of the pages to sign in by, with cookies but without a browser. */
export function openVisitor(issuer: string) {
  const jar = new Map<string, { path: string; value: string }>();

  async function go(url: string, form?: Record<string, string>): Promise<Response> {
    const { pathname } = new URL(url, issuer);
    const cookie = [...jar]
      .filter(([, { path }]) => pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
    const response = await fetch(new URL(url, issuer), {
      redirect: 'manual',
      headers: { cookie },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      const path = /;\s*path=([^;]+)/i.exec(line)?.[1] ?? '/';
      if (value === '') jar.delete(name);
      else jar.set(name, { path, value });
    }
    return response;
  }

  /** Follows redirects as long as they stay with the issuer. */
  async function follow(url: string, form?: Record<string, string>): Promise<Response> {
    let response = await go(url, form);
    for (;;) {
      const location = response.headers.get('location');
      if (location === null || !new URL(location, issuer).href.startsWith(issuer)) return response;
      response = await go(location);
      if (response.status === 200) return Object.defineProperty(response, 'url', { value: location });
    }
  }

  return {
    go,
    follow,

    /** From an address to sign in at to where the site is called back. */
    async signIn(start: string, form: Record<string, string>): Promise<URL> {
      const page = await follow(start);
      const back = page.status === 200 ? await follow(page.url, form) : page;
      const location = back.headers.get('location');
      assert.ok(location, `not called back: ${back.status} ${await back.clone().text()}`);
      return new URL(location);
    },
  };
}

/** A PKCE pair. */
export function proofKey() {
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  return { verifier, challenge };
}
