import { request } from 'node:http';
import type { Agent } from 'node:http';
import { text } from 'node:stream/consumers';
import * as fc from 'fast-check';
import type { RawAnswer } from '../../support/raw-http.ts';

/** A call of the API that HTTP allows, whatever its values are. */
export type ApiCall = { method: string; path: string; user?: string; body?: string | Uint8Array };

const wild = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 70 }),
  fc.constantFrom(
    '',
    ' ',
    '.',
    '..',
    'a/b',
    'a#b',
    '\u0000',
    '\u202e',
    '__proto__',
    'e\u0301',
    '\ufffe',
    'x'.repeat(3000),
  ),
);
const encoded = wild.map((value) => encodeURIComponent(value.toWellFormed()));
/** Percent-encoding that may be none. */
const raw = fc.oneof(encoded, fc.constantFrom('%', '%zz', '%c3%28', '%00', '+', '%2F', '[]', 'a=b'));
const id = fc.oneof(
  fc.uuid(),
  fc.uuid().map((uuid) => `POST%23${uuid}`),
  raw,
);
/** What Node lets into a header. */
const user = fc.oneof(
  fc.constantFrom('Ann', 'Zoë'),
  wild.map((value) =>
    Buffer.from(value.toWellFormed())
      .toString('latin1')
      .replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, ''),
  ),
);

const labels = fc.oneof(fc.array(wild, { maxLength: 25 }), fc.jsonValue());
const draft = fc.oneof(
  fc.record({ title: wild, body: wild, alt: wild, labels }, { requiredKeys: [] }),
  fc.record({ title: wild, body: wild }),
  fc.record({ title: fc.jsonValue(), body: fc.jsonValue(), more: fc.jsonValue() }, { requiredKeys: [] }),
  fc.jsonValue(),
);
const body = fc.oneof(
  draft.map((value) => JSON.stringify(value)),
  wild,
  fc.uint8Array({ maxLength: 100 }),
  fc.constantFrom('[['.repeat(2000), '{"title":1e999,"body":""}', '{"__proto__":{"title":"t"}}', '\ufeff{}'),
);

const query = (...names: string[]) =>
  fc
    .array(fc.tuple(fc.constantFrom(...names), raw), { maxLength: names.length + 1 })
    .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'));
const lists = fc.oneof(
  query('user', 'id_user', 'limit', 'cursor', 'constructor'),
  fc
    .tuple(fc.integer({ min: -1, max: 101 }), raw)
    .map(([limit, cursor]) => `limit=${limit}&cursor=${cursor}`),
  fc.integer({ min: 1, max: 5 }).map((limit) => `limit=${limit}`),
  encoded.map((name) => `user=${name}`),
);
const uploads = fc.oneof(
  query('filename', 'filetype', 'postId', 'size'),
  fc
    .tuple(raw, id, fc.constantFrom('', '&size=1', '&size=99999999', '&size=-1', '&size=1e3'))
    .map(([name, post, size]) => `filename=${name}&filetype=image/png&postId=${post}${size}`),
);

export const apiCall: fc.Arbitrary<ApiCall> = fc.oneof(
  fc.record({ method: fc.constant('POST'), path: fc.constant('/posts'), user, body }),
  lists.map((search) => ({ method: 'GET', path: `/posts?${search}` })),
  fc.record({ method: fc.constantFrom('GET', 'DELETE'), path: id.map((post) => `/posts/${post}`), user }),
  fc.record({ method: fc.constant('PATCH'), path: id.map((post) => `/posts/${post}`), user, body }),
  fc.record({ method: fc.constant('DELETE'), path: id.map((post) => `/posts/${post}/image`), user }),
  fc.record({
    method: fc.constant('GET'),
    path: fc
      .tuple(fc.constantFrom('signedUrlPut', 'getSignedUrlPut'), uploads)
      .map(([name, asked]) => `/${name}?${asked}`),
    user,
  }),
);

/** Makes a call. @throws when the connection fails, or nothing comes for a minute */
export function make(url: string, agent: Agent, { method, path, user: name, body: sent }: ApiCall) {
  return new Promise<RawAnswer>((resolve, reject) => {
    // Not of `new URL`, which would mend the path.
    const { hostname, port } = new URL(url);
    const headers = name === undefined ? {} : { authorization: name };
    const asked = request({ hostname, port, method, path, headers, agent, timeout: 60_000 });
    asked.on('error', reject).on('timeout', () => asked.destroy(new Error('no answer for a minute')));
    asked.on('response', (answer) => {
      const status = answer.statusCode ?? 0;
      const pairs = Object.entries(answer.headers).map(([key, value]): [string, string] => [
        key,
        String(value),
      ]);
      text(answer).then((whole) => resolve({ status, headers: new Headers(pairs), text: whole }), reject);
    });
    asked.end(sent);
  });
}
