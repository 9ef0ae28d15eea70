// Needs nothing but HTTP: POSTAGRAM_URL=http://… checks a service that runs already, if it allows every origin.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, it } from 'node:test';
import type { Answer } from '../support/http-client.ts';
import { openService } from '../support/service.ts';

const { call } = await openService({ after });
const origin = 'https://pages.example';
const listed = (answer: Answer, header: string) =>
  (answer.headers.get(header) ?? '').split(',').map((name) => name.trim().toLowerCase());

const everyKindOfAnswer: [number, string, string, Parameters<typeof call>[2]?][] = [
  [200, 'GET', '/posts'],
  [200, 'GET', '/posts?limit=1'],
  [200, 'GET', `/posts?user=${randomUUID()}`],
  [200, 'GET', '/health'],
  [200, 'HEAD', '/posts'],
  [201, 'POST', '/posts', { user: 'cors', body: { title: 't', body: 'b' } }],
  [204, 'OPTIONS', '/posts'],
  [304, 'GET', '/posts?limit=1', { headers: { 'if-none-match': '*' } }],
  [400, 'POST', '/posts', { user: 'cors', body: Buffer.from('{') }],
  [401, 'POST', '/posts', { body: { title: 't', body: 'b' } }],
  [404, 'GET', `/posts/${randomUUID()}`],
  [404, 'DELETE', `/posts/${randomUUID()}`, { user: 'cors' }],
  [404, 'GET', '/nothing'],
  [405, 'PUT', '/posts'],
  [413, 'POST', '/posts', { user: 'cors', body: Buffer.alloc(70_000, 'x') }],
  [415, 'GET', `/signedUrlPut?filename=a.gif&filetype=image/gif&postId=${randomUUID()}`, { user: 'cors' }],
  [422, 'GET', '/posts?limit=0'],
];

describe('a page of any origin', () => {
  for (const [status, method, path, options] of everyKindOfAnswer) {
    it(`may read ${status} ${method} ${path.split('?')[0]} and its headers`, async () => {
      const answer = await call(method, path, { ...options, headers: { ...options?.headers, origin } });
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
      // A wildcard and credentials exclude each other.
      assert.equal(answer.headers.get('access-control-allow-credentials'), null);
      const exposed = listed(answer, 'access-control-expose-headers');
      for (const name of ['etag', 'link', 'location', 'retry-after', 'x-request-id'])
        assert.ok(exposed.includes(name), name);
      assert.ok(answer.headers.get('x-request-id'));
    });
  }
});

describe('a preflight', () => {
  const rows: [string, string][] = [
    ['/posts', 'POST'],
    ['/posts', 'GET'],
    [`/posts/POST%23${randomUUID()}`, 'PATCH'],
    [`/posts/POST%23${randomUUID()}`, 'DELETE'],
    ['/signedUrlPut?filename=a.jpg&filetype=image/jpeg', 'GET'],
  ];
  for (const [path, method] of rows) {
    it(`lets a page send ${method} ${path.split('?')[0]} with a name and JSON`, async () => {
      const headers = {
        origin,
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization,content-type',
      };
      const answer = await call('OPTIONS', path, { headers });
      assert.ok(answer.status === 200 || answer.status === 204, `status ${answer.status}`);
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
      assert.ok(listed(answer, 'access-control-allow-methods').includes(method.toLowerCase()));
      const allowed = listed(answer, 'access-control-allow-headers');
      for (const name of ['authorization', 'content-type', 'if-none-match'])
        assert.ok(allowed.includes(name), name);
      assert.ok(Number(answer.headers.get('access-control-max-age')) >= 600, 'is cacheable');
    });
  }
});
