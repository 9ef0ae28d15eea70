/** A table of routes with every kind of reply, for tests of what runs it. */
import type { AnswerOptions, RequestLine } from '../../src/http/answer.ts';
import { HttpError, type Routes } from '../../src/http/call.ts';

/** Bytes that are no text. */
export const PNG = Buffer.from('89504e470d0a1a0a00ff80', 'hex');

async function* pages(count: number, text = 'x') {
  for (let page = 0; page < count; page++) yield [{ page, text }];
}

async function* noPages(): AsyncGenerator<unknown[]> {
  // A list of nothing.
}

async function* broken() {
  yield* noPages();
  throw new Error('the table is gone: secret');
}

/** A route for each kind of reply. */
export const routes: Routes = {
  'GET /things': ({ query }) => ({ body: { query: [...query] } }),
  'POST /things': async (call) => ({
    status: 201,
    headers: { location: '/things/1' },
    body: { got: await call.json() },
  }),
  'GET /things/:name': ({ params, path }) => ({ body: { params, path } }),
  'PUT /things/:name': async ({ bytes, params }) => ({
    body: { name: params.name, hex: (await bytes(100)).toString('hex') },
  }),
  'DELETE /things/:name': () => ({ status: 204 }),
  'GET /headers': ({ headers: { authorization, cookie, accept, 'x-many': many } }) => ({
    body: { authorization, cookie, accept, many },
  }),
  'GET /address': ({ address }) => ({ body: { address } }),
  'GET /photo': () => ({ headers: { 'content-type': 'image/png' }, body: PNG }),
  'GET /page': () => ({
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: Buffer.from('<p>é</p>'),
  }),
  'GET /zipped': () => ({
    headers: { 'content-type': 'text/html', 'content-encoding': 'gzip' },
    body: PNG,
  }),
  'GET /pages': () => ({ body: pages(3, 'é"') }),
  'GET /no-pages': () => ({ body: noPages() }),
  'GET /broken': () => {
    throw new Error('the database is at 10.0.0.7');
  },
  'GET /broken-page': () => ({ body: broken() }),
  'GET /teapot': () => {
    throw new HttpError(418, 'Short and stout.', { 'retry-after': '5' });
  },
  'GET /nothing': () => ({ status: 304, headers: { etag: '"1"' } }),
};

/** What of a request's log line is the same whoever runs the routes. */
export type Line = Pick<RequestLine, 'method' | 'route' | 'path' | 'status' | 'error'>;

/** @param lines gets what is logged */
export function options(lines: Line[]): AnswerOptions {
  return {
    cors: ['https://example.org'],
    log(line) {
      // What is told of a failure beside the lines of the requests has no status.
      if (!('status' in line)) return;
      const { method, route, path, status, error } = line;
      const more = { ...(path !== undefined && { path }), ...(error !== undefined && { error }) };
      lines.push({ method, route, status, ...more });
    },
    trailingSlash: true,
  };
}
