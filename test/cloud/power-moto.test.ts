/** The function of power, unchanged, with its own client of EC2, against moto's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeInstancesCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { startMoto } from './moto.ts';

test('power tells of, stops and starts instances of moto, by id and by tag, and those alone', async (t) => {
  const { endpoint, region } = await startMoto(t);
  Object.assign(process.env, {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: endpoint,
    LOG_LEVEL: 'silent',
  });
  const ec2 = new EC2Client({});
  t.after(() => ec2.destroy());
  const run = async (Tags: { Key: string; Value: string }[] = []) => {
    const { Instances = [] } = await ec2.send(
      new RunInstancesCommand({
        ImageId: 'ami-12c6146b',
        InstanceType: 't4g.nano',
        MinCount: 1,
        MaxCount: 1,
        ...(Tags.length > 0 && { TagSpecifications: [{ ResourceType: 'instance', Tags }] }),
      }),
    );
    return Instances[0]?.InstanceId ?? '';
  };
  const [id, tagged, other] = [
    await run(),
    await run([{ Key: 'Power', Value: 'api' }]),
    await run([{ Key: 'Power', Value: 'no' }]),
  ];
  /** As EC2 itself says it. */
  const states = async () => {
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
    const all = Reservations.flatMap(({ Instances = [] }) => Instances);
    return Object.fromEntries(all.map(({ InstanceId = '', State }) => [InstanceId, State?.Name]));
  };

  Object.assign(process.env, { INSTANCE_ID: id, POWER_TAG: 'api' });
  // It reads its environment when it is imported.
  const { handler } = await import('../../services/power/api.ts');
  const send = async (action: string) => {
    const event = { httpMethod: 'POST', path: '/ec2', body: JSON.stringify({ action }) };
    const { statusCode, body } = await handler(event);
    return { statusCode, ...(JSON.parse(body) as { message?: string; detail?: string }) };
  };
  const both = (text: (one: string) => string) => [id, tagged].map(text).join('; ');

  assert.deepEqual(await states(), { [id]: 'running', [tagged]: 'running', [other]: 'running' });
  assert.equal(
    (await send('status')).message,
    both((one) => `Instance ${one} is running`),
  );
  for (const _ of [1, 2])
    assert.equal(
      (await send('stop')).message,
      both((one) => `Stopping instance ${one}`),
    );
  assert.deepEqual(await states(), { [id]: 'stopped', [tagged]: 'stopped', [other]: 'running' });
  assert.equal(
    (await send('status')).message,
    both((one) => `Instance ${one} is stopped`),
  );
  for (const _ of [1, 2])
    assert.equal(
      (await send('start')).message,
      both((one) => `Starting instance ${one}`),
    );
  assert.deepEqual(await states(), { [id]: 'running', [tagged]: 'running', [other]: 'running' });
});
