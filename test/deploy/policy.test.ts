import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { ownCalls } from '../../deploy/policy/own-calls.ts';
import { deployerPolicies, mostCharacters } from '../../deploy/policy/policy.ts';
import { loadService, serviceNames } from '../../services/services.ts';
import { compileStacks } from '../templates/stacks.ts';

const scope = {
  system: 'postagram',
  stacks: ['postagram-serverless-dev', 'postagram-server-dev'],
  stage: 'dev',
  region: 'eu-west-1',
};
const { serverless, server } = compileStacks();
const types = [serverless, server].flatMap(({ Resources }) =>
  Object.values(Resources).map(({ Type }) => Type),
);
const policies = deployerPolicies(types, scope);

/** Whether whoever has all of the policies may do this to that. */
async function allows(action: string, resource: string, context: Record<string, string> = {}) {
  const result = await runSimulation(
    {
      identityPolicies: policies.map((policy, index) => ({ name: `deploy-${index}`, policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      request: {
        principal: 'arn:aws:iam::123456789012:user/deployer',
        action,
        resource: { resource, accountId: '123456789012' },
        contextVariables: { 'aws:RequestedRegion': 'eu-west-1', ...context },
      },
    },
    {},
  );
  if (result.resultType === 'error') throw new Error(`${action}: ${result.errors.message}`);
  return result.overallResult === 'Allowed';
}

const role = 'arn:aws:iam::123456789012:role';

describe('the policy of whoever deploys', () => {
  const rows: [action: string, resource: string, allowed: boolean, context?: Record<string, string>][] = [
    [
      'cloudformation:CreateChangeSet',
      'arn:aws:cloudformation:eu-west-1:123456789012:stack/postagram-server-dev/*',
      true,
    ],
    [
      'cloudformation:CreateChangeSet',
      'arn:aws:cloudformation:eu-west-1:123456789012:stack/postagram-server-prod/*',
      false,
    ],
    ['iam:CreateRole', `${role}/postagram-serverless-dev-Role-1ABC`, true],
    ['iam:PassRole', `${role}/postagram-serverless-dev-Role-1ABC`, true],
    ['iam:PassRole', `${role}/admin`, false],
    ['iam:PutRolePolicy', `${role}/postagram-serverless-prod-Role-1ABC`, false],
    ['iam:CreateUser', 'arn:aws:iam::123456789012:user/me', false],
    [
      'dynamodb:CreateTable',
      'arn:aws:dynamodb:eu-west-1:123456789012:table/postagram-serverless-dev-PostsTable-1',
      true,
    ],
    ['dynamodb:DeleteTable', 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders', false],
    ['s3:PutObject', 'arn:aws:s3:::postagram-artifacts-dev-123456789012-eu-west-1/server/a.tar.gz', true],
    ['s3:DeleteObject', 'arn:aws:s3:::backups/a', false],
    ['sqs:ReceiveMessage', 'arn:aws:sqs:eu-west-1:123456789012:postagram-serverless-dev-DeadLetters-1', true],
    ['logs:FilterLogEvents', 'arn:aws:logs:eu-west-1:123456789012:log-group:/postagram/dev/server:*', true],
    ['logs:FilterLogEvents', 'arn:aws:logs:eu-west-1:123456789012:log-group:/other/dev/server:*', false],
    ['ec2:CreateVpc', 'arn:aws:ec2:eu-west-1:123456789012:vpc/*', true],
    [
      'ec2:CreateVpc',
      'arn:aws:ec2:us-east-1:123456789012:vpc/*',
      false,
      { 'aws:RequestedRegion': 'us-east-1' },
    ],
    [
      'iam:CreateServiceLinkedRole',
      `${role}/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
      true,
      { 'iam:AWSServiceName': 'autoscaling.amazonaws.com' },
    ],
    [
      'iam:CreateServiceLinkedRole',
      `${role}/aws-service-role/ops.apigateway.amazonaws.com/x`,
      false,
      { 'iam:AWSServiceName': 'ops.apigateway.amazonaws.com' },
    ],
  ];
  for (const [action, resource, allowed, context] of rows)
    it(`${allowed ? 'allows' : 'does not allow'} ${action} on ${resource}`, async () => {
      assert.equal(await allows(action, resource, context), allowed);
    });

  it('fits into managed policies', () => {
    for (const policy of policies) assert.ok(JSON.stringify(policy).length <= mostCharacters);
    assert.ok(policies.length <= 10, `${policies.length} of the ten that a role can have`);
  });

  it('lets nothing be done to everything but where no name can be known', () => {
    const unbound = policies
      .flatMap(({ Statement }) => Statement)
      .filter(({ Resource, Condition }) => Resource === '*' && !Condition)
      .flatMap(({ Action }) => Action)
      .filter((action) => !/:(Describe|List)/.test(action) && !action.startsWith('route53:'));
    assert.deepEqual(unbound, []);
  });

  it('says which type it does not know', () => {
    assert.throws(
      () => deployerPolicies(['AWS::Neptune::DBCluster'], scope),
      /What AWS::Neptune::DBCluster needs/,
    );
  });
});

it('the policy knows every type of every service', async () => {
  for (const name of serviceNames())
    for (const { template } of (await loadService(name)).stacks) {
      // Every template has its resources in this form.
      const { Resources } = (await template()) as { Resources: Record<string, { Type: string }> };
      deployerPolicies(
        Object.values(Resources).map(({ Type }) => Type),
        { ...scope, system: name },
      );
    }
});

it('every call that deploy.ts makes is in the policy', async () => {
  const root = join(import.meta.dirname, '../../deploy');
  const files = await readdir(root, { recursive: true });
  const called = new Set<string>();
  for (const file of files.filter((one) => one.endsWith('.ts'))) {
    const text = await readFile(join(root, file), 'utf8');
    for (const [, name = ''] of text.matchAll(/new ([A-Z]\w+)Command\(/g)) called.add(name);
  }
  assert.ok(called.size > 20);
  assert.deepEqual(
    [...called].filter((name) => !(name in ownCalls)),
    [],
    'missing in deploy/policy/own-calls.ts',
  );
});
