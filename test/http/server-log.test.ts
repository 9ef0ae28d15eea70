import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, it } from 'node:test';
import { openCloud, startServer } from '../support/service.ts';
import { createdIn, uuidOf } from '../support/shapes.ts';

const { env } = await openCloud({ after }, { labels: false });

it('there is one line a request, with its id, method, route, status and milliseconds', async (t) => {
  const { call, logs, logged } = await startServer(t, env);
  const secret = `secret-${randomUUID()}`;
  const body = { title: secret, body: secret };
  const created = await call('POST', '/posts', { user: secret, body });
  const uuid = uuidOf(createdIn(created));
  const answers: [string, string | undefined, number, Awaited<ReturnType<typeof call>>][] = [
    ['POST', '/posts', 201, created],
    ['GET', '/posts', 200, await call('GET', `/posts?user=${secret}`)],
    ['GET', '/posts/:id', 404, await call('GET', `/posts/${randomUUID()}`)],
    ['POST', '/posts', 422, await call('POST', '/posts', { user: secret, body: { title: secret } })],
    ['GET', undefined, 404, await call('GET', `/${secret}`)],
    ['PUT', '/posts', 405, await call('PUT', '/posts')],
    ['DELETE', '/posts/:id', 200, await call('DELETE', `/posts/${uuid}`, { user: secret })],
  ];
  for (const [method, route, status, answer] of answers) {
    const id = answer.headers.get('x-request-id');
    const line = await logged((found) => found.id === id);
    assert.deepEqual([line.method, line.route, line.status], [method, route, status]);
    assert.ok(typeof line.ms === 'number' && line.ms >= 0);
    assert.equal(logs.filter((found) => found.id === id).length, 1);
    assert.equal(line.err, undefined);
  }
  assert.ok(!JSON.stringify(logs).includes(secret), 'no body, query, path or header of a caller is logged');
});
