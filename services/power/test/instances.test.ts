import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { startEc2 } from '../../../local/ec2/ec2.ts';
import { localDefaults } from '../../../local/settings.ts';
import { HttpError } from '../../../src/http/call.ts';
import { createInstances, createTaggedInstances } from '../instances.ts';
import { powerRoutes } from '../routes.ts';

const [first, second] = ['i-0123456789abcdef0', 'i-0123456789abcdef1'] as const;
const { region, credentials } = localDefaults;

/** An EC2 whose clock stands until it is put forward. */
async function openEc2(t: TestContext, options: { secretAccessKey?: string } = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'ec2-'));
  t.after(() => rm(dataDir, { recursive: true }));
  const clock = { ms: 0 };
  const ec2 = await startEc2({
    dataDir,
    region,
    credentials,
    log: () => undefined,
    instances: [first, second],
    transitionMs: 1,
    now: () => clock.ms,
  });
  t.after(ec2.close);
  const client = new EC2Client({
    region,
    credentials: { ...credentials, ...options },
    endpoint: ec2.url,
    maxAttempts: 1,
  });
  t.after(() => client.destroy());
  return { client, close: ec2.close, pass: () => (clock.ms += 1) };
}

const refused = (status: number, detail: RegExp) => (error: unknown) => {
  assert.ok(error instanceof HttpError, String(error));
  assert.match(error.message, detail);
  assert.equal(error.status, status);
  return true;
};

test('several instances answer as one each, and together', async (t) => {
  const { client, pass } = await openEc2(t);
  pass();
  const { 'GET /ec2': status } = powerRoutes([createInstances(client, [second, first])]);
  const reports = [second, first].map((id) => ({ message: `Instance ${id} is running`, instance_id: id }));
  // The route reads nothing of the call.
  const reply = await status?.({} as Parameters<typeof status>[0]);
  assert.deepEqual(reply?.body, {
    message: `Instance ${second} is running; Instance ${first} is running`,
    instance_id: `${second},${first}`,
    instances: reports,
  });
});

test('a state that does not allow it is 409, and then none of them is changed', async (t) => {
  const { client, pass } = await openEc2(t);
  const one = createInstances(client, [first]);
  const both = createInstances(client, [first, second]);
  const states = async () => (await both('status')).map(({ message }) => message.split(' ').at(-1));

  assert.deepEqual(await states(), ['pending', 'pending']);
  await assert.rejects(both('stop'), refused(409, /^The state of instance i-0123456789abcdef0 does not/));
  pass();
  await one('stop');
  assert.deepEqual(await states(), ['stopping', 'running']);
  await one('stop');
  await assert.rejects(both('start'), refused(409, /^The state of instance i-0123456789abcdef0 does not/));
  pass();
  assert.deepEqual(await states(), ['stopped', 'running']);
  await both('start');
  assert.deepEqual(await states(), ['pending', 'running']);
});

test('instances are found by their tag, whenever something is asked', async (t) => {
  const { client, pass } = await openEc2(t);
  pass();
  const tagged = createTaggedInstances(client, 'api');
  await assert.rejects(tagged('stop'), refused(409, /^No instance has the tag Power=api\.$/));
  const TagSpecifications = [{ ResourceType: 'instance' as const, Tags: [{ Key: 'Power', Value: 'api' }] }];
  const run = { ImageId: 'ami-1', MinCount: 2, MaxCount: 2, TagSpecifications };
  const { Instances = [] } = await client.send(new RunInstancesCommand(run));
  pass();
  const ids = Instances.map(({ InstanceId = '' }) => InstanceId).toSorted();
  assert.deepEqual(
    (await tagged('stop')).map(({ message }) => message),
    ids.map((id) => `Stopping instance ${id}`),
  );
  pass();
  assert.deepEqual(
    (await tagged('status')).map(({ message }) => message),
    ids.map((id) => `Instance ${id} is stopped`),
  );
  const [other] = await createInstances(client, [first])('status');
  assert.equal(other?.message, `Instance ${first} is running`);
});

test('what EC2 refuses is 502 and a sentence', async (t) => {
  const { client } = await openEc2(t);
  const unknown = createInstances(client, ['i-0000000000000000f']);
  await assert.rejects(unknown('start'), refused(502, /^EC2 does not know instance i-0000000000000000f\.$/));
  await assert.rejects(unknown('status'), refused(502, /^EC2 does not know/));
});

test('a signature that is not good is 502, and says nothing of it', async (t) => {
  const { client } = await openEc2(t, { secretAccessKey: 'another' });
  await assert.rejects(createInstances(client, [first])('stop'), refused(502, /^AWS would not do that\.$/));
});

test('an EC2 that is not reached is 502', async (t) => {
  const { client, close } = await openEc2(t);
  await close();
  const failed = createInstances(client, [first])('start');
  await assert.rejects(failed, refused(502, /^AWS does not answer now/));
});
