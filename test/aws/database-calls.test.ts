import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { type Passing, startFaultProxy } from '../support/fault-proxy.ts';
import { openCloud, startServer } from '../support/service.ts';
import { createdIn, uploadIn, uuidOf } from '../support/shapes.ts';

// The local database is always consistent: what DynamoDB is asked for is all that can be seen here.
const { env } = await openCloud({ after }, { labels: false });
const dynamo = await startFaultProxy({ after }, env.AWS_ENDPOINT_URL_DYNAMODB ?? '');
const { call } = await startServer({ after }, { ...env, AWS_ENDPOINT_URL_DYNAMODB: dynamo.url });
const user = 'Ann';
const uuid = uuidOf(createdIn(await call('POST', '/posts', { user, body: { title: 't', body: 'b' } })));
const calls: Passing[] = [];

beforeEach(() => {
  calls.length = 0;
  dynamo.decide = (passing) => {
    calls.push(passing);
    return 'pass';
  };
});

const isConsistent = ({ body }: Passing) => body.includes('"ConsistentRead":true');
const operations = () => calls.map(({ operation }) => operation);

describe('DynamoDB is asked for', () => {
  for (const query of ['user=Ann', 'user=Ann&limit=5']) {
    it(`a user's own writes: ?${query}`, async () => {
      await call('GET', `/posts?${query}`);
      assert.deepEqual(operations(), ['Query']);
      assert.ok(calls.every(isConsistent));
    });
  }

  for (const path of ['/posts', '/posts?limit=5', `/posts/${uuid}`]) {
    it(`an index, and never a Scan: ${path.replace(uuid, '{id}')}`, async () => {
      await call('GET', path);
      assert.deepEqual([...new Set(operations())], ['Query']);
      assert.ok(calls.every(({ body }) => body.includes('"IndexName"')));
    });
  }

  it('an owner consistently, and once in a while only', async () => {
    const path = `/signedUrlPut?filename=a.jpg&filetype=image/jpeg&postId=${uuid}`;
    const times = 20;
    for (let i = 0; i < times; i++) uploadIn(await call('GET', path, { user }));
    // How long an owner is remembered is held by ownership.test.ts, with a clock of its own.
    assert.deepEqual([...new Set(operations())], ['GetItem']);
    assert.ok(calls.length < times, `${calls.length} times`);
    assert.ok(calls.every(isConsistent));
  });

  it('nothing at all by what is refused', async () => {
    await call('POST', '/posts', { user, body: { title: '' } });
    await call('POST', '/posts', { body: { title: 't', body: 'b' } });
    await call('GET', '/posts?limit=0');
    await call('GET', '/posts/1');
    await call('DELETE', '/posts/1', { user });
    await call('GET', `/signedUrlPut?filename=a.gif&filetype=image/gif&postId=${uuid}`, { user });
    await call('GET', '/health');
    assert.deepEqual(operations(), []);
  });
});
