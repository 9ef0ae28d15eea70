import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { startEc2 } from '../../local/ec2/ec2.ts';
import { FriendlyError, localDefaults } from '../../local/settings.ts';

const { region, credentials } = localDefaults;

async function open(t: TestContext, dataDir: string, clock: { ms: number }) {
  const common = { region, credentials, log: () => undefined };
  const ec2 = await startEc2({ ...common, dataDir, transitionMs: 10, now: () => clock.ms });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await ec2.close();
    isOpen = false;
  };
  t.after(close);
  const client = new EC2Client({ region, credentials, endpoint: ec2.url, maxAttempts: 1 });
  t.after(() => client.destroy());
  const states = async () => {
    const { Reservations = [] } = await client.send(new DescribeInstancesCommand({}));
    return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ State }) => State?.Name));
  };
  return { url: ec2.url, client, close, states };
}

async function folder(t: TestContext) {
  const dataDir = await mkdtemp(join(tmpdir(), 'ec2-'));
  t.after(() => rm(dataDir, { recursive: true }));
  return dataDir;
}

test('an instance is pending, running, stopping and stopped, each in its time, and outlives the process', async (t) => {
  const dataDir = await folder(t);
  const clock = { ms: 0 };
  const { client, states, close } = await open(t, dataDir, clock);
  const run = { ImageId: 'ami-<&>', MinCount: 1, MaxCount: 1, InstanceType: 't4g.nano' as const };
  const { Instances } = await client.send(new RunInstancesCommand(run));
  const { InstanceId = '', ImageId, InstanceType } = Instances?.[0] ?? {};
  assert.deepEqual([ImageId, InstanceType], ['ami-<&>', 't4g.nano']);
  assert.match(InstanceId, /^i-[0-9a-f]{17}$/);
  const ids = { InstanceIds: [InstanceId] };
  assert.deepEqual(await states(), ['pending']);
  clock.ms = 9;
  assert.deepEqual(await states(), ['pending']);
  clock.ms = 10;
  assert.deepEqual(await states(), ['running']);

  const stopped = await client.send(new StopInstancesCommand(ids));
  assert.deepEqual(stopped.StoppingInstances, [
    {
      InstanceId,
      CurrentState: { Code: 64, Name: 'stopping' },
      PreviousState: { Code: 16, Name: 'running' },
    },
  ]);
  await assert.rejects(client.send(new StartInstancesCommand(ids)), { name: 'IncorrectInstanceState' });

  await close();
  clock.ms = 20;
  const again = await open(t, dataDir, clock);
  assert.deepEqual(await again.states(), ['stopped']);
  const started = await again.client.send(new StartInstancesCommand(ids));
  assert.equal(started.StartingInstances?.[0]?.CurrentState?.Name, 'pending');
});

test('what is not signed, not known or not there is refused in EC2’s words', async (t) => {
  const { url, client } = await open(t, await folder(t), { ms: 0 });
  const anonymous = await fetch(url, { method: 'POST', body: 'Action=DescribeInstances&Version=2016-11-15' });
  assert.equal(anonymous.status, 403);
  assert.match(await anonymous.text(), /<Code>AccessDenied<\/Code>/);
  const InstanceIds = ['i-0000000000000000f'];
  await assert.rejects(client.send(new DescribeInstancesCommand({ InstanceIds })), {
    name: 'InvalidInstanceID.NotFound',
    message: "The instance ID 'i-0000000000000000f' does not exist",
  });
  const Filters = [{ Name: 'owner-id', Values: ['1'] }];
  await client.send(new RunInstancesCommand({ ImageId: 'ami-1', MinCount: 1, MaxCount: 1 }));
  await assert.rejects(client.send(new DescribeInstancesCommand({ Filters })), {
    name: 'InvalidParameterValue',
  });
});

test('a file of instances that is damaged is said', async (t) => {
  const dataDir = await folder(t);
  await writeFile(join(dataDir, 'instances.json'), '[{');
  await assert.rejects(open(t, dataDir, { ms: 0 }), (error) => error instanceof FriendlyError);
});
