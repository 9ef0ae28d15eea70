import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { denied, type Statement, superfluousIn } from '../../../test/iam/role.ts';
import type { Use } from '../../../test/iam/uses.ts';
import { resolve } from '../../../test/templates/resolve.ts';
import type { Stack } from '../../../test/templates/stacks.ts';
import { api } from '../template.ts';
import { checkWanted, remark } from '../wanted.ts';

const place = { region: 'eu-west-1', account: '123456789012' };
const [first, second, third] = ['i-0123456789abcdef0', 'i-0123456789abcdef1', 'i-0123456789abcdef2'];
const code = {
  Stage: 'test',
  ArtifactsBucket: 'artifacts',
  PowerCodeKey: 'functions/0.zip',
  ApiKeyValue: 'x'.repeat(44),
  PermissionsBoundary: '',
};

/** What the stack is with these parameters. */
function deployed(parameters: Record<string, string>) {
  // What JSON.stringify wrote of a template of ours is one.
  const stack = JSON.parse(JSON.stringify(api())) as Stack;
  return resolve(stack, { ...code, ...parameters }).Resources;
}

function policyOf(parameters: Record<string, string>): Statement[] {
  // The form that templates/service/function.ts writes.
  const [policy] = (deployed(parameters)['PowerRole']?.Properties?.['Policies'] ?? []) as unknown as {
    PolicyDocument: { Statement: Statement[] };
  }[];
  return (policy?.PolicyDocument.Statement ?? []).filter(({ Sid }) => Sid !== 'Logs');
}

const on = (id: string | undefined, tag?: string): Use[] =>
  ['StartInstances', 'StopInstances'].map((action) => ({
    action: `ec2:${action}`,
    resource: `arn:aws:ec2:eu-west-1:123456789012:instance/${id}`,
    context: { 'ec2:InstanceID': id ?? '', ...(tag !== undefined && { 'aws:ResourceTag/Power': tag }) },
  }));
const look: Use = { action: 'ec2:DescribeInstances', resource: '*' };
const group = (name: string, keys = ['power:before']): Use[] => {
  const resource = `arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:0:autoScalingGroupName/${name}`;
  return [
    { action: 'autoscaling:UpdateAutoScalingGroup', resource },
    { action: 'autoscaling:CreateOrUpdateTags', resource, context: { 'aws:TagKeys': keys } },
  ];
};
const lookAtGroups: Use = { action: 'autoscaling:DescribeAutoScalingGroups', resource: '*' };

describe('the role of the function', () => {
  const rows: [what: string, parameters: Record<string, string>, may: Use[], mayNot: Use[]][] = [
    [
      'instances by id',
      { InstanceIds: `${first},${second}` },
      [look, ...on(first), ...on(second)],
      [...on(third), ...on(third, 'api'), lookAtGroups],
    ],
    [
      'instances by tag',
      { PowerTag: 'Power=api' },
      [look, ...on(first, 'api')],
      [...on(first), ...on(first, 'b')],
    ],
    [
      'a fleet',
      { FleetName: 'fleet' },
      [lookAtGroups, ...group('fleet')],
      [look, ...group('other'), ...group('fleet', ['Name']).slice(1)],
    ],
    [
      'all of them',
      { InstanceIds: first ?? '', PowerTag: 'Power=api', FleetName: 'fleet' },
      [look, ...on(first), ...on(second, 'api'), lookAtGroups, ...group('fleet')],
      [...on(third)],
    ],
  ];
  for (const [what, parameters, may, mayNot] of rows)
    test(`with ${what} may switch these and no others, and needs every statement`, async () => {
      const policy = policyOf(parameters);
      assert.deepEqual(await denied(policy, may, place), []);
      assert.deepEqual(await denied(policy, mayNot, place), mayNot);
      assert.deepEqual(await superfluousIn(policy, may, place), []);
    });
});

const typesOf = (parameters: Record<string, string>) =>
  Object.entries(deployed(parameters)).map(([id, { Type }]) => `${Type} ${id}`);

const methods = (Access: string) =>
  Object.values(deployed({ InstanceIds: first ?? '', Access }))
    .filter(({ Type, Properties }) => Type.endsWith('::Method') && Properties?.['HttpMethod'] === 'ANY')
    .map(({ Properties }) => [Properties?.['ApiKeyRequired'], Properties?.['AuthorizationType']]);

describe('who may call', () => {
  for (const [access, needsKey, authorization] of [
    ['key', true, 'NONE'],
    ['iam', false, 'AWS_IAM'],
    ['open', false, 'NONE'],
  ] as const)
    test(`${access}: every method says so, and the deployment is another one`, () => {
      assert.deepEqual(methods(access), [
        [needsKey, authorization],
        [needsKey, authorization],
      ]);
      const types = typesOf({ InstanceIds: first ?? '', Access: access });
      const deployments = types.filter((type) => type.includes('::Deployment '));
      assert.equal(deployments.length, 1);
      const suffix = { key: 'AccessByKey', iam: 'AccessByIam', open: 'AccessOpen' }[access];
      assert.ok(deployments[0]?.endsWith(suffix));
      assert.equal(types.includes('AWS::ApiGateway::UsagePlan UsagePlan'), needsKey);
    });

  test('a deployment tells its key once, and shouts when there is none', () => {
    const Url = 'https://a.example/prod/ec2';
    assert.match(remark({ Url, ApiKeyId: 'k' }, { ApiKeyValue: 'secret' }) ?? '', /^x-api-key: secret\n/);
    assert.equal(remark({ Url, ApiKeyId: 'k' }, {}), undefined);
    assert.match(remark({ Url, OpenUrl: Url }, { ApiKeyValue: 'secret' }) ?? '', /^THIS API IS OPEN/);
    assert.equal(remark({ Url }, { ApiKeyValue: 'secret' }), undefined);
  });
});

test('schedules are those asked for, in their time zone, with a role of their own', () => {
  const none = typesOf({ InstanceIds: first ?? '' });
  assert.ok(!none.some((type) => type.includes('Schedule')));
  const { Start, Stop, ScheduleRole } = deployed({
    InstanceIds: first ?? '',
    StartCron: '0 8 ? * MON-FRI *',
    Timezone: 'Europe/Paris',
  });
  assert.equal(Stop, undefined);
  assert.equal(Start?.Properties?.['ScheduleExpression'], 'cron(0 8 ? * MON-FRI *)');
  assert.equal(Start?.Properties?.['ScheduleExpressionTimezone'], 'Europe/Paris');
  assert.ok(ScheduleRole);
});

test('a deployment without anything to switch is refused', () => {
  assert.throws(() => checkWanted({ InstanceIds: '', PowerTag: '' }), /Nothing to switch: give --instance/);
  checkWanted({ PowerTag: 'Power=api' });
});
