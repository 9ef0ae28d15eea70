/** How long our clients wait for AWS, how often they try, and how many calls they make at a time. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { createDynamo, createS3 } from '../../src/aws/clients.ts';
import { limitCalls } from '../../src/aws/limit.ts';
import { TimelyRetry } from '../../src/aws/retry.ts';
import { isUnavailable } from '../../src/aws/unavailable.ts';
import { eventually } from '../support/eventually.ts';
import { gate, startFaultProxy, type Verdict } from '../support/fault-proxy.ts';
import { openCloud, startServer } from '../support/service.ts';
import { createdIn, deletedIn, problemIn, uuidOf } from '../support/shapes.ts';

const { env } = await openCloud({ after }, { labels: false });
const [dynamo, s3] = [
  await startFaultProxy({ after }, env.AWS_ENDPOINT_URL_DYNAMODB ?? ''),
  await startFaultProxy({ after }, env.AWS_ENDPOINT_URL_S3 ?? ''),
];
const { call } = await startServer(
  { after },
  { ...env, AWS_ENDPOINT_URL_DYNAMODB: dynamo.url, AWS_ENDPOINT_URL_S3: s3.url },
);
const user = 'Ann';
const created = async () =>
  uuidOf(createdIn(await call('POST', '/posts', { user, body: { title: 't', body: 'b' } })));

/** What AWS answers from now on, each time it is asked. @returns how often it was */
function answering(proxy: typeof dynamo, verdict: () => Verdict | Promise<Verdict>) {
  let asked = 0;
  proxy.decide = () => {
    asked += 1;
    return verdict();
  };
  return () => asked;
}

const unlimited = () =>
  new DynamoDBClient({
    endpoint: dynamo.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'LOCAL', secretAccessKey: 'LOCAL' },
  });

describe('a call to AWS', () => {
  it('is tried three times, if there is time', async () => {
    let now = 0;
    const retry = new TimelyRetry(1, () => now);
    const failed = { errorType: 'TRANSIENT' } as const;
    const attempt = async (later: number) => {
      const second = await retry.refreshRetryTokenForRetry(await retry.acquireInitialRetryToken(''), failed);
      now += later;
      return retry.refreshRetryTokenForRetry(second, failed);
    };
    const third = await attempt(1_499);
    assert.equal(third.getRetryCount(), 2);
    await assert.rejects(retry.refreshRetryTokenForRetry(third, failed));
    await assert.rejects(attempt(1_500));
  });

  it('is tried no more often, whichever service it is for', async () => {
    // Photos are in two buckets, which are asked at the same time.
    for (const [proxy, calls] of [
      [dynamo, 1],
      [s3, 2],
    ] as const) {
      const uuid = await created();
      const asked = answering(proxy, () => ({ status: 503, body: '' }));
      problemIn(await call('DELETE', `/posts/${uuid}`, { user }), 503);
      assert.ok(asked() <= 3 * calls, `${asked()} times`);
      proxy.decide = () => 'pass';
      deletedIn(await call('DELETE', `/posts/${uuid}`, { user }));
    }
  });

  it('to one bucket is not left behind when the other one fails', async () => {
    const uuid = await created();
    const held = gate();
    let [failed, isAnswered] = [0, false];
    s3.decide = async ({ url }): Promise<Verdict> => {
      if (url.startsWith(`/${env.RENDITIONS_BUCKET}`)) {
        await held.opened;
        return 'pass';
      }
      failed += 1;
      return { status: 503, body: '' };
    };
    const answer = call('DELETE', `/posts/${uuid}`, { user }).finally(() => (isAnswered = true));
    await eventually(() => assert.equal(failed, 3));
    // Long enough for an answer that does not wait.
    await new Promise((wake) => setTimeout(wake, 300));
    assert.ok(!isAnswered);
    held.open();
    problemIn(await answer, 503);
    s3.decide = () => 'pass';
    deletedIn(await call('DELETE', `/posts/${uuid}`, { user }));
  });

  it('that S3 does not answer ends after one time limit: 503, and the post can be deleted later', async () => {
    const uuid = await created();
    const never = gate();
    const asked = answering(s3, async (): Promise<Verdict> => {
      await never.opened;
      return 'cut';
    });
    const answer = await call('DELETE', `/posts/${uuid}`, { user });
    problemIn(answer, 503);
    assert.equal(answer.headers.get('retry-after'), '2');
    // Each of the two buckets.
    assert.equal(asked(), 2);
    never.open();
    s3.decide = () => 'pass';
    deletedIn(await call('DELETE', `/posts/${uuid}`, { user }));
  });
});

describe('calls beyond the limit', () => {
  const Key = { user: { S: 'USER#Ann' }, id: { S: 'POST#1' } };
  const item = new GetItemCommand({ TableName: env.DYNAMO_TABLE, Key });

  it('are beyond 256 of the database and 64 of S3: so many are made at a time, and no more', async (t) => {
    Object.assign(process.env, env, {
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
      AWS_ENDPOINT_URL_S3: s3.url,
    });
    const [database, bucket] = [createDynamo('eu-west-1'), createS3('eu-west-1')];
    t.after(() => database.destroy());
    t.after(() => bucket.destroy());
    const versions = new ListObjectVersionsCommand({ Bucket: env.BUCKET });
    for (const [proxy, most, ask] of [
      [dynamo, 256, () => database.send(item)],
      [s3, 64, () => bucket.send(versions)],
    ] as const) {
      const held = gate();
      let [atWork, seen] = [0, 0];
      answering(proxy, async (): Promise<Verdict> => {
        seen = Math.max(seen, (atWork += 1));
        await held.opened;
        atWork -= 1;
        return 'pass';
      });
      const calls = Array.from({ length: most + 20 }, () => ask().catch((error: Error) => error));
      await eventually(() => assert.ok(seen >= most, `${seen}`));
      held.open();
      await Promise.all(calls);
      assert.equal(seen, most);
      proxy.decide = () => 'pass';
    }
  });

  it('wait in line, and are all made', async (t) => {
    const client = unlimited();
    t.after(() => client.destroy());
    limitCalls(client, { most: 2, waitMs: 60_000 });
    const held = gate();
    let atWork = 0;
    let most = 0;
    const asked = answering(dynamo, async (): Promise<Verdict> => {
      most = Math.max(most, (atWork += 1));
      await held.opened;
      atWork -= 1;
      return 'pass';
    });
    const calls = Promise.all(Array.from({ length: 10 }, () => client.send(item)));
    await eventually(() => assert.equal(asked(), 2));
    held.open();
    await calls;
    assert.deepEqual([asked(), most], [10, 2]);
  });

  it('fail after their time in line, which is no mistake of ours; the line goes on', async (t) => {
    const client = unlimited();
    t.after(() => client.destroy());
    limitCalls(client, { most: 1, waitMs: 10 });
    const held = gate();
    const asked = answering(dynamo, async (): Promise<Verdict> => {
      await held.opened;
      return 'pass';
    });
    const first = client.send(item);
    await eventually(() => assert.equal(asked(), 1));
    await assert.rejects(
      client.send(item),
      (error: Error) => error.name === 'CallsFull' && isUnavailable(error),
    );
    held.open();
    await first;
    await client.send(item);
    assert.equal(asked(), 2);
  });
});
