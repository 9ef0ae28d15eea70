import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { problemIn } from '../support/shapes.ts';
import { credentials, region } from './ministack.ts';
import { startServiceStage, type ServiceStage } from './service-stage.ts';

const flags = ['--stage=cloud', '--yes'];

/** What `--fleet other` finds: Postagram's fleet of that stage, without what is around it. */
const FLEET = {
  Resources: {
    Template: {
      Type: 'AWS::EC2::LaunchTemplate',
      Properties: { LaunchTemplateData: { ImageId: 'ami-0000000000000aaaa', InstanceType: 't4g.nano' } },
    },
    Fleet: {
      Type: 'AWS::AutoScaling::AutoScalingGroup',
      Properties: {
        MinSize: '1',
        MaxSize: '4',
        DesiredCapacity: '2',
        AvailabilityZones: [`${region}a`],
        LaunchTemplate: {
          LaunchTemplateId: { Ref: 'Template' },
          Version: { 'Fn::GetAtt': ['Template', 'LatestVersionNumber'] },
        },
      },
    },
  },
  Outputs: { FleetName: { Value: { Ref: 'Fleet' } } },
};

describe('the power service on an emulated AWS that enforces IAM', () => {
  let stage: ServiceStage;
  let id: string;
  let other: string;
  let key: string;
  let config: { region: string; credentials: typeof credentials; endpoint: string };

  before(async () => {
    stage = await startServiceStage('power');
    config = { region, credentials, endpoint: stage.ministack.url };
    const ec2 = new EC2Client(config);
    const run = { ImageId: 'ami-ff0fea8310f3', MinCount: 2, MaxCount: 2, InstanceType: 't2.micro' } as const;
    const { Instances = [] } = await ec2.send(new RunInstancesCommand(run));
    ec2.destroy();
    [id = '', other = ''] = Instances.map(({ InstanceId = '' }) => InstanceId);
    const schedule = ['--start=0 8 ? * MON-FRI *', '--stop=0 19 ? * MON-FRI *', '--timezone=Europe/Paris'];
    const said = await stage.deploy(`--instance=${id}`, ...schedule, ...flags);
    key = /x-api-key: (\S{44})\n/.exec(said)?.[1] ?? '';
    assert.notEqual(key, '', said);
  });
  after(() => stage.close());

  async function send(method: string, body?: unknown, headers: Record<string, string> = {}) {
    const { call } = await stage.open((await stage.outputs()).Url ?? '');
    return call(method, '', { body, headers });
  }
  const order = async (action: string, headers?: Record<string, string>) => {
    const { status, json } = await send('POST', { action }, headers);
    return [status, json];
  };
  const said = (message: string) => [200, { message, instance_id: id }];

  it('answers the calls to who has the key, and to nobody else', async () => {
    assert.match((await stage.outputs()).Url ?? '', /\/prod\/ec2$/);
    const headers = { 'x-api-key': key };
    assert.equal((await send('POST', { action: 'stop' })).status, 403);
    assert.equal((await send('POST', { action: 'stop' }, { 'x-api-key': `${key}0` })).status, 403);
    assert.deepEqual(await order('status', headers), said(`Instance ${id} is running`));
    assert.deepEqual(await order('stop', headers), said(`Stopping instance ${id}`));
    assert.deepEqual(await order('stop', headers), said(`Stopping instance ${id}`));
    assert.deepEqual(await order('status', headers), said(`Instance ${id} is stopped`));
    assert.deepEqual(await order('start', headers), said(`Starting instance ${id}`));
    assert.equal((await send('GET', undefined, headers)).status, 200);
    // A preflight carries no key, and asks for leave to send it.
    const preflight = await send('OPTIONS', undefined, { origin: 'https://pages.example' });
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /\bx-api-key\b/);
    problemIn(await send('POST', { action: 'reboot' }, headers), 422);
    problemIn(await send('POST', Buffer.from('{'), headers), 400);
  });

  it('takes a direct invocation, as the schedules make it', async () => {
    const lambda = new LambdaClient(config);
    const { PowerFunction = '' } = await stage.outputs();
    const invoke = async (event: object) => {
      const Payload = JSON.stringify(event);
      const answer = await lambda.send(new InvokeCommand({ FunctionName: PowerFunction, Payload }));
      return JSON.parse(Buffer.from(answer.Payload ?? []).toString());
    };
    const { statusCode, body } = await invoke({ action: 'status' });
    assert.deepEqual([statusCode, JSON.parse(body)], said(`Instance ${id} is running`));
    assert.equal((await invoke({ action: 'stop', retry: true })).statusCode, 200);
    assert.equal((await invoke({ action: 'start', retry: true })).statusCode, 200);
    lambda.destroy();
  });

  it('has its schedules', async () => {
    // MiniStack drops their time zone: services/power/test/template.test.ts has it.
    const credential = `Credential=test/20260101/${region}/scheduler/aws4_request`;
    const headers = { authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=0` };
    const list = async (path: string) => (await fetch(`${config.endpoint}${path}`, { headers })).json();
    const { Schedules } = (await list('/schedules')) as { Schedules: { Name: string }[] };
    const found = await Promise.all(Schedules.map(({ Name }) => list(`/schedules/${Name}`)));
    const seen = found.map((one) => {
      const { ScheduleExpression, Target } = one as Record<string, string> & {
        Target: { Input: string };
      };
      return [ScheduleExpression, Target.Input];
    });
    assert.deepEqual(seen.toSorted(), [
      ['cron(0 19 ? * MON-FRI *)', '{"action":"stop","retry":true}'],
      ['cron(0 8 ? * MON-FRI *)', '{"action":"start","retry":true}'],
    ]);
  });

  it('has a role that allows what it asks of AWS, and no more', () => stage.assertRolesFit('cloud'));

  it('tells its key once, and has nothing to change at the next run', async () => {
    const again = await stage.deploy(...flags);
    assert.match(again, /power-api-cloud: no changes/);
    assert.ok(!again.includes(key));
  });

  it('switches several instances and a fleet, which comes back as it was', async () => {
    const stackName = { StackName: 'postagram-server-other' };
    await stage.cfn.send(new CreateStackCommand({ ...stackName, TemplateBody: JSON.stringify(FLEET) }));
    await waitUntilStackCreateComplete({ client: stage.cfn, maxWaitTime: 60 }, stackName);
    await stage.deploy(`--instance=${id}`, `--instance=${other}`, '--fleet=other', ...flags);
    const autoScaling = new AutoScalingClient(config);
    const groups = async () => {
      const { AutoScalingGroups = [] } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
      return AutoScalingGroups.map(({ MinSize, DesiredCapacity }) => [MinSize, DesiredCapacity]);
    };
    const headers = { 'x-api-key': key };
    assert.deepEqual(await groups(), [[1, 2]]);
    for (const time of [1, 2]) {
      assert.equal((await send('POST', { action: 'stop' }, headers)).status, 200, `stop ${time}`);
      assert.deepEqual(await groups(), [[0, 0]]);
    }
    const { json } = await send('POST', { action: 'status' }, headers);
    assert.match(
      (json as { message: string }).message,
      /^Instance \S+ is stopped; Instance \S+ is stopped; Fleet \S+ is stopped$/,
    );
    for (const time of [1, 2]) {
      assert.equal((await send('POST', { action: 'start' }, headers)).status, 200, `start ${time}`);
      assert.deepEqual(await groups(), [[1, 2]]);
    }
    autoScaling.destroy();
    await stage.assertRolesFit('cloud');
  });

  it('is open when told so, loudly, and closed again', async () => {
    assert.match(await stage.deploy('--open', ...flags), /THIS API IS OPEN: anybody/);
    assert.equal((await send('POST', { action: 'status' })).status, 200);
    await stage.deploy('--iam', ...flags);
    assert.equal((await send('POST', { action: 'status' })).status, 403);
  });

  it('leaves nothing with down', async () => {
    await stage.deploy('down', ...flags);
    await stage.deploy('down', '--data', '--confirm-stage=cloud', ...flags);
    assert.deepEqual(
      (await stage.remains()).filter((name) => name !== 'postagram-server-other'),
      [],
    );
  });
});
