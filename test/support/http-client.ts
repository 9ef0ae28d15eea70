import assert from 'node:assert/strict';

export type Answer = Awaited<ReturnType<ReturnType<typeof connect>>>;

type Options = {
  /** Goes into the authorization header, which takes latin-1. */
  user?: string;
  /** Sent as JSON, unless it is bytes. */
  body?: unknown;
  headers?: Record<string, string>;
};

/** A client of the service at a URL, which may have a path: `call(method, path, …)` gives the whole answer. */
export function connect(url: string) {
  const base = url.replace(/\/$/, '');
  return async (method: string, path: string, { user, body, headers = {} }: Options = {}) => {
    const response = await fetch(base + path, {
      method,
      headers: {
        ...(user !== undefined && { authorization: user }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: body instanceof Uint8Array ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /^application\/(problem\+)?json\b/.test(response.headers.get('content-type') ?? '');
    const json: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, text, json };
  };
}

/** The path of the next page, from the Link header. */
export function nextPage({ headers }: Answer): string | undefined {
  const link = headers.get('link');
  if (link === null) return undefined;
  const path = /^<([^>]+)>; rel="next"$/.exec(link)?.[1];
  assert.ok(path, `Link is ${link}`);
  return path;
}
