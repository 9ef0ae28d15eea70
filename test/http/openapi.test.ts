import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, describe as suite, it } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import * as v from 'valibot';
import { type ApiInfo, describe } from '../../src/http/openapi.ts';
import { openCloud, startServer } from '../support/service.ts';
import { uuidOf, createdIn } from '../support/shapes.ts';

type Operation = {
  security?: object[];
  parameters?: { name: string; in: string; required: boolean; schema: { pattern?: string } }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { headers: object; content?: object }>;
};
type Document = {
  openapi: string;
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
};

const handler = () => ({});

const { env } = await openCloud({ after }, { labels: false });
const { call } = await startServer({ after }, env);
const answer = await call('GET', '/openapi.json');
// Validated below.
const document = answer.json as Document;

it('is served as JSON, and is valid OpenAPI 3.1', async () => {
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
  assert.match(document.openapi, /^3\.1\./);
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  assert.ok(valid, JSON.stringify(errors));
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.equal(document.info.version, version);
});

it('names every path and method of the API, and no other', async () => {
  const uuid = uuidOf(
    createdIn(await call('POST', '/posts', { user: 'Ann', body: { title: 't', body: 'b' } })),
  );
  for (const [path, operations] of Object.entries(document.paths)) {
    const { headers } = await call('PROPFIND', path.replace('{id}', uuid));
    const allowed = (headers.get('allow') ?? '').toLowerCase().split(', ');
    assert.deepEqual(
      Object.keys(operations).toSorted(),
      allowed.filter((name) => name !== 'options').toSorted(),
      path,
    );
  }
  // What the contract has, apart from the pages.
  assert.deepEqual(Object.keys(document.paths).toSorted(), [
    '/config',
    '/getSignedUrlPut',
    '/health',
    '/labels',
    '/openapi.json',
    '/posts',
    '/posts/{id}',
    '/posts/{id}/image',
    '/signedUrlPut',
  ]);
});

it('says of each operation who may call, what is sent, and how every refusal looks', () => {
  const create = document.paths['/posts']?.post;
  assert.deepEqual(create?.security, [{ caller: [] }]);
  assert.deepEqual(create?.requestBody?.content['application/json']?.schema, {
    $ref: '#/components/schemas/Draft',
  });
  const one = document.paths['/posts/{id}']?.get;
  assert.equal(one?.security, undefined);
  const [id] = one?.parameters ?? [];
  assert.deepEqual([id?.name, id?.in, id?.required], ['id', 'path', true]);
  assert.ok(id?.schema.pattern);
  for (const operations of Object.values(document.paths)) {
    for (const [method, { responses }] of Object.entries(operations)) {
      for (const [status, { headers, content = {} }] of Object.entries(responses)) {
        assert.ok('X-Request-Id' in headers);
        const isProblem = /^[45]/.test(status) && !(status === '503' && method === 'get');
        if (method === 'head') assert.deepEqual(content, {});
        else assert.equal('application/problem+json' in content, isProblem, status);
      }
    }
  }
});

it('says what has a tag, and how one asks by it', async () => {
  const tagged = Object.entries(document.paths)
    .filter(([, { get }]) => get && '304' in get.responses)
    .map(([path]) => path);
  assert.deepEqual(tagged.toSorted(), ['/openapi.json', '/posts', '/posts/{id}']);
  for (const path of tagged) {
    const { responses, parameters = [] } = document.paths[path]?.get ?? {};
    assert.ok('ETag' in (responses?.['200']?.headers ?? {}) && 'ETag' in (responses?.['304']?.headers ?? {}));
    assert.equal(responses?.['304']?.content, undefined);
    assert.ok(parameters.some(({ name, in: place }) => name === 'If-None-Match' && place === 'header'));
  }
  const tag = answer.headers.get('etag') ?? '';
  const known = await call('GET', '/openapi.json', { headers: { 'if-none-match': tag } });
  assert.deepEqual([known.status, known.text], [304, '']);
});

it('says how callers prove who they are where they have to', async (t) => {
  const { call: ask } = await startServer(t, {
    ...env,
    IDENTITY: 'jwt',
    JWT_ISSUER: 'http://127.0.0.1:1',
    JWT_AUDIENCE: 'web',
  });
  assert.match((await ask('GET', '/openapi.json')).text, /"scheme":"bearer"/);
  assert.match(answer.text, /"in":"header","name":"authorization"/);
});

suite('a table of routes is not described', () => {
  const described = { summary: 's', answers: { 200: { description: 'd', schema: v.string() } } };
  const info: ApiInfo = {
    title: 't',
    version: '1',
    description: 'd',
    security: { type: 'apiKey', in: 'header', name: 'authorization', description: 'd' },
    schemas: {},
  };
  it('when a route is left out', () => {
    const routes = { 'GET /a': handler, 'POST /a': handler };
    assert.throws(() => describe(routes, { 'GET /a': described }, info), /POST \/a/);
  });
  it('when there is more in the description', () => {
    const descriptions = { 'GET /a': described, 'GET /b': described };
    assert.throws(() => describe({ 'GET /a': handler }, descriptions, info), /GET \/b/);
  });
  it('without both it is', () => {
    assert.ok('/a/{id}' in describe({ 'GET /a/:id': handler }, { 'GET /a/:id': described }, info).paths);
  });
});
