/** The same table of routes over node:http and as a Lambda function behind a REST and an HTTP API: the same answers. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { createRouter } from '../../router.ts';
import type { AnswerOptions, RequestLine } from '../../src/http/answer.ts';
import { HttpError, type Routes } from '../../src/http/call.ts';
import { createLambdaHandler, MAX_ANSWER } from '../../src/http/lambda.ts';
import { startApiGateway } from '../support/api-gateway.ts';

const PNG = Buffer.from('89504e470d0a1a0a00ff80', 'hex');

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

const routes: Routes = {
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

type Line = Pick<RequestLine, 'method' | 'route' | 'status' | 'error'>;
type Way = { url: string; lines: Line[] };

function options(lines: Line[]): AnswerOptions {
  return {
    cors: ['https://example.org'],
    log(line) {
      // What is told of a failure beside the lines of the requests has no status.
      if (!('status' in line)) return;
      const { method, route, status, error } = line;
      lines.push({ method, route, status, ...(error !== undefined && { error }) });
    },
    trailingSlash: true,
  };
}

async function overNode(): Promise<Way> {
  const lines: Line[] = [];
  const server = createServer(createRouter(routes, options(lines)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => void server.close());
  // A server that listens on TCP has an AddressInfo.
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, lines };
}

async function overLambda(payload: '1.0' | '2.0', stage?: string, basePath?: string): Promise<Way> {
  const lines: Line[] = [];
  const handler = createLambdaHandler(routes, { ...options(lines), ...(basePath && { basePath }) });
  const url = await startApiGateway({ after }, { payload, stage, find: () => handler });
  return { url: url + (basePath ?? ''), lines };
}

const node = await overNode();
const ways: Record<string, Way> = {
  'a REST API': await overLambda('1.0', 'prod'),
  'an HTTP API': await overLambda('2.0'),
  'an HTTP API with a stage': await overLambda('2.0', 'v1'),
  'a REST API with a base path': await overLambda('1.0', 'prod', '/base'),
};

type Ask = {
  path: string;
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: Buffer | string;
};

async function ask({ url, lines }: Way, { path, method = 'GET', headers = {}, body }: Ask) {
  lines.length = 0;
  const { hostname, port, pathname } = new URL(url);
  // No client that would tidy the path.
  const request = send({
    hostname,
    port,
    method,
    headers,
    agent: false,
    path: pathname.replace(/\/$/, '') + path,
  });
  request.end(body);
  const [response] = await once(request, 'response');
  const bytes = await buffer(response);
  // One of its own for each request.
  assert.match(response.headers['x-request-id'], /^[0-9a-f-]{36}$/);
  const ofTheConnection = [
    'x-request-id',
    'date',
    'connection',
    'keep-alive',
    'transfer-encoding',
    'content-length',
  ];
  const kept = Object.entries(response.headers).filter(([name]) => !ofTheConnection.includes(name));
  const { vary } = response.headers;
  return {
    status: response.statusCode,
    // What is compressed by one way alone varies there alone.
    headers: { ...Object.fromEntries(kept), vary: vary.replace(', Accept-Encoding', '') },
    body: bytes.toString('latin1'),
    line: [...lines],
  };
}

const json = { 'content-type': 'application/json' };
const rows: [string, Ask][] = [
  ['a path', { path: '/things' }],
  [
    'a query with names twice, signs and spaces',
    { path: '/things?a=1&a=2&b=%26%3D%3F&c=x+y%20z&d=&e=%C3%A9' },
  ],
  ['a slash at the end', { path: '/things/' }],
  ['two slashes at the end', { path: '/things//' }],
  ['a parameter', { path: '/things/cat' }],
  ['a parameter with an address', { path: '/things/ada+tag@example.org' }],
  ['an encoded parameter', { path: '/things/a%20b%3Fc%23d%25e' }],
  ['an encoded parameter beyond ASCII', { path: '/things/%F0%9F%90%88' }],
  ['a body', { method: 'POST', path: '/things', headers: json, body: '{"a":"é"}' }],
  ['no body where one is needed', { method: 'POST', path: '/things' }],
  ['a body that is not JSON', { method: 'POST', path: '/things', body: '{' }],
  ['a body that is not UTF-8', { method: 'POST', path: '/things', body: Buffer.from([0x22, 0xff, 0x22]) }],
  ['a body that is too long', { method: 'POST', path: '/things', body: `"${'x'.repeat(64 * 1024)}"` }],
  ['bytes', { method: 'PUT', path: '/things/raw', body: PNG }],
  ['no bytes', { method: 'PUT', path: '/things/raw' }],
  ['as many bytes as may be', { method: 'PUT', path: '/things/raw', body: Buffer.alloc(100) }],
  ['one byte more', { method: 'PUT', path: '/things/raw', body: Buffer.alloc(101) }],
  ['no answer', { method: 'DELETE', path: '/things/cat' }],
  ['HEAD', { method: 'HEAD', path: '/things' }],
  ['HEAD of a list', { method: 'HEAD', path: '/no-pages' }],
  [
    'headers',
    { path: '/headers', headers: { authorization: 'Rémi', cookie: ['a=1', 'b=2'], accept: 'text/html' } },
  ],
  ['no cookies', { path: '/headers' }],
  ['the caller', { path: '/address' }],
  ['a photo', { path: '/photo' }],
  ['a page', { path: '/page' }],
  ['a page in gzip', { path: '/zipped' }],
  ['pages of a list', { path: '/pages' }],
  ['pages of no list', { path: '/no-pages' }],
  ['a failure', { path: '/broken' }],
  ['a failure before the first page', { path: '/broken-page' }],
  ['a refusal with headers', { path: '/teapot' }],
  ['not modified', { path: '/nothing' }],
  ['another method', { method: 'PATCH', path: '/things' }],
  ['an unknown path', { path: '/elsewhere' }],
  ['the root', { path: '/' }],
  ['a preflight', { method: 'OPTIONS', path: '/things', headers: { origin: 'https://example.org' } }],
  ['an origin that may call', { path: '/teapot', headers: { origin: 'https://example.org' } }],
  ['an origin that may not', { path: '/things', headers: { origin: 'https://evil.example' } }],
];

for (const [name, way] of Object.entries(ways)) {
  describe(`${name} answers as node:http does`, () => {
    for (const [what, request] of rows) {
      it(what, async () => {
        const expected = await ask(node, request);
        assert.deepEqual(await ask(way, request), expected);
      });
    }
  });
}

const statusOf = async (request: Ask) => (await ask(node, request)).status;

describe('a table of routes, whoever runs it', () => {
  it('takes as many bytes as the handler says, and no more', async () => {
    assert.equal(await statusOf({ method: 'PUT', path: '/things/raw', body: Buffer.alloc(100) }), 200);
    assert.equal(await statusOf({ method: 'PUT', path: '/things/raw', body: Buffer.alloc(101) }), 413);
    assert.equal(await statusOf({ method: 'POST', path: '/things', body: `"${'x'.repeat(65_534)}"` }), 201);
    assert.equal(await statusOf({ method: 'POST', path: '/things', body: `"${'x'.repeat(65_535)}"` }), 413);
  });

  it('takes one slash at the end for none where it is told to, and else for another path', async () => {
    const strict = createLambdaHandler(routes, { cors: '*', log: () => undefined });
    assert.equal((await strict({ httpMethod: 'GET', path: '/things/' })).statusCode, 404);
    for (const [path, status] of [
      ['/things/', 200],
      ['/things/cat/', 200],
      ['/things//', 404],
      ['/', 404],
    ] as const)
      assert.equal(await statusOf({ path }), status, path);
  });
});

describe('an event', () => {
  const handler = createLambdaHandler(routes, options([]));
  const rest = { httpMethod: 'GET', path: '/headers', headers: null, multiValueHeaders: null, body: null };

  it('may lack all that can be absent', async () => {
    const minimal = { version: '2.0', rawPath: '/headers', requestContext: { http: { method: 'GET' } } };
    for (const event of [rest, minimal]) assert.equal((await handler(event)).statusCode, 200);
  });

  it('keeps the first of headers that cannot be two, and joins the others, as node:http does', async () => {
    const multiValueHeaders = { Authorization: ['ada', 'eve'], 'X-Many': ['1', '2'], Cookie: ['a=1', 'b=2'] };
    const { body } = await handler({ ...rest, multiValueHeaders });
    assert.deepEqual(JSON.parse(body), { authorization: 'ada', many: '1, 2', cookie: 'a=1; b=2' });
  });

  it('has a body in clear or in base64', async () => {
    const post = { httpMethod: 'POST', path: '/things', body: '{"a":"é"}' };
    const base64 = { ...post, body: Buffer.from(post.body).toString('base64'), isBase64Encoded: true };
    for (const event of [post, base64])
      assert.deepEqual(JSON.parse((await handler(event)).body), { got: { a: 'é' } });
  });

  it('of no API Gateway is refused', async () => {
    for (const event of [undefined, null, 1, {}, { Records: [] }, { httpMethod: 1, path: '/' }])
      await assert.rejects(handler(event), { name: 'TypeError' });
  });
});

const answerOf = async (body: unknown, method = 'GET') => {
  const handler = createLambdaHandler({ 'GET /': () => ({ body }) }, options([]));
  return handler({ httpMethod: method, path: '/', headers: {}, body: null });
};

describe('an answer', () => {
  it('of as much as a function may answer is whole, and beyond a 413', async () => {
    const most = MAX_ANSWER - 20_000;
    assert.equal((await answerOf('x'.repeat(most))).statusCode, 200);
    const photo = Buffer.alloc((most * 3) / 4);
    assert.equal((await answerOf(photo)).statusCode, 200);
    // A quote takes two bytes on its way.
    for (const body of ['x'.repeat(MAX_ANSWER), '"'.repeat(most / 2), Buffer.alloc(MAX_ANSWER * 0.8)]) {
      const { statusCode, body: problem } = await answerOf(body);
      assert.equal(statusCode, 413);
      assert.match(problem, /The answer is longer than 6291456 bytes/);
    }
  });

  it('that is a list ends at the bound: the rest is not read', async () => {
    let read = 0;
    async function* endless() {
      for (;;) {
        read++;
        yield ['x'.repeat(1024 * 1024)];
      }
    }
    assert.equal((await answerOf(endless())).statusCode, 413);
    assert.equal(read, 6);
  });

  it("has no header of the connection, which is API Gateway's", async () => {
    const handler = createLambdaHandler(routes, options([]));
    const event = { httpMethod: 'PUT', path: '/things/raw', body: 'x'.repeat(101) };
    const { statusCode, headers } = await handler(event);
    assert.equal(statusCode, 413);
    assert.equal(headers.connection, undefined);
  });

  it('to HEAD reads no list', async () => {
    let closed = false;
    const list = {
      [Symbol.asyncIterator]: () => ({
        next: () => assert.fail('read'),
        return: async () => {
          closed = true;
          return { done: true as const, value: undefined };
        },
      }),
    };
    const { statusCode, body } = await answerOf(list, 'HEAD');
    assert.deepEqual([statusCode, body, closed], [200, '', true]);
  });
});
