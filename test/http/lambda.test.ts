/** The same table of routes over node:http and as a Lambda function behind a REST and an HTTP API: the same answers. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { createRouter } from '../../router.ts';
import { createLambdaHandler } from '../../src/http/lambda.ts';
import { startApiGateway } from '../support/api-gateway.ts';
import { type Line, options, PNG, routes } from './sample-routes.ts';

type Way = { url: string; lines: Line[] };
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
  ['an unknown path', { path: '/elsewhere?a=1' }],
  ['an unknown path beyond ASCII', { path: '/elsewhere/%F0%9F%90%88%1B%0A' }],
  ['an unknown path of many characters', { path: `/elsewhere${'/x'.repeat(200)}` }],
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
