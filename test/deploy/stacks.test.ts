import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Parameter, ResourceChange } from '@aws-sdk/client-cloudformation';
import { resolvedChanges } from '../../deploy/cloudformation/changes.ts';
import { adviceFor, firstCause, latestOperation } from '../../deploy/cloudformation/events.ts';
import { DeployFailure } from '../../deploy/cloudformation/failure.ts';
import { prepareStack } from '../../deploy/cloudformation/prepare.ts';
import { kindOf } from '../../deploy/terminal/show.ts';
import { cloudOf, event } from './one-stack-cloud.ts';

describe('the first cause of a failure', () => {
  const rows: [what: string, events: string[], cause: string | undefined][] = [
    [
      'is the first resource that failed by itself, not the ones cancelled because of it',
      [
        'stack CREATE_IN_PROGRESS User Initiated',
        'Logs CREATE_FAILED Resource creation cancelled',
        'Photos CREATE_FAILED photos already exists',
        'Queue CREATE_FAILED Resource creation cancelled',
        'Later CREATE_FAILED another reason',
        'stack ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Logs, Photos, Queue].',
        'stack ROLLBACK_COMPLETE',
      ],
      'Photos (AWS::S3::Bucket): photos already exists',
    ],
    [
      'is the resource, even if the stack itself is reported as failed first',
      [
        'stack UPDATE_FAILED The following resource(s) failed to update: [Photos].',
        'Photos UPDATE_FAILED No such function',
      ],
      'Photos (AWS::S3::Bucket): No such function',
    ],
    [
      'is what the stack says when no resource failed',
      ['stack CREATE_IN_PROGRESS', 'stack ROLLBACK_IN_PROGRESS Stack creation cancelled by user'],
      's: Stack creation cancelled by user',
    ],
    [
      'is a failed deletion',
      ['Photos DELETE_FAILED The bucket is not empty'],
      'Photos (AWS::S3::Bucket): The bucket is not empty',
    ],
    ['is missing when nothing failed', ['Photos CREATE_COMPLETE', 'stack CREATE_COMPLETE'], undefined],
  ];
  for (const [what, lines, expected] of rows) {
    it(what, () => {
      const cause = firstCause(lines.map(event));
      assert.equal(cause && `${cause.resource}: ${cause.reason}`, expected);
    });
  }

  it('is looked for in the newest operation alone', () => {
    const before = ['stack CREATE_IN_PROGRESS', 'A CREATE_FAILED old', 'stack ROLLBACK_COMPLETE'];
    const lines = [...before, 'stack UPDATE_IN_PROGRESS', 'B UPDATE_FAILED new'];
    assert.equal(firstCause(latestOperation(lines.map(event)))?.reason, 'new');
  });

  it('comes with the command that shows what an instance wrote', () => {
    const reason = 'Received FAILURE signal with UniqueId i-0123456789abcdef0';
    assert.match(
      adviceFor({ resource: 'Fleet', reason }, 'eu-west-1') ?? '',
      /--instance-id i-0123456789abcdef0/,
    );
    assert.equal(adviceFor({ resource: 'Fleet', reason: 'Rate exceeded' }, 'eu-west-1'), undefined);
  });

  // As AWS words them; the sources are in docs/deploy.md.
  const advised: [reason: string, todo: RegExp][] = [
    [
      'This AWS account currently does not support creating load balancers. For more information, please contact AWS Support. (Service: ElasticLoadBalancingV2, Status Code: 400, Error Code: OperationNotPermitted)',
      /case with AWS Support/,
    ],
    [
      'The following Availability Zones us-west-1a cannot be associated with a load balancer. Please try a different Availability Zone.',
      /--vpc and --subnets/,
    ],
    [
      'The maximum number of VPCs has been reached. (Service: Ec2, Status Code: 400, Error Code: VpcLimitExceeded)',
      /5 VPCs a region.*--vpc and --subnets/,
    ],
    [
      'A conflicting conditional operation is currently in progress against this resource. Please try again. (Status Code: 409, Error Code: OperationAborted)',
      /up to an hour/,
    ],
    [
      'is not authorized to perform: ec2:CreateVpc on resource: * with an explicit deny in an identity-based policy: arn:aws:iam::123456789012:policy/voc-cancel-cred',
      /lab has ended/,
    ],
    ['postagram-images-dev-123456789012-eu-west-1 already exists', /what-down-keeps\.md/],
  ];
  for (const [reason, todo] of advised) {
    it(`comes with what to do: ${reason.slice(0, 60)}…`, () => {
      assert.match(adviceFor({ resource: 'Any', reason }, 'eu-west-1') ?? '', todo);
    });
  }
});

const image = (ResolvedValue?: string): Parameter => ({
  ParameterKey: 'ImageId',
  ParameterValue: '/al2023',
  ResolvedValue,
});

describe('a change', () => {
  const rows: [ResourceChange, ReturnType<typeof kindOf>][] = [
    [{ Action: 'Add' }, 'add'],
    [{ Action: 'Modify', Replacement: 'False' }, 'change'],
    [{ Action: 'Modify', Replacement: 'Conditional' }, 'maybe replace'],
    [{ Action: 'Modify', Replacement: 'True' }, 'REPLACE'],
    [{ Action: 'Remove', PolicyAction: 'Delete' }, 'remove'],
    [{ Action: 'Remove', PolicyAction: 'Retain' }, 'keep'],
  ];
  for (const [change, kind] of rows) {
    it(`is called ${kind}: ${JSON.stringify(change)}`, () => assert.equal(kindOf(change), kind));
  }

  const shape = {
    Parameters: {
      ImageId: { Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>' },
      Stage: { Type: 'String' },
    },
    Resources: {},
  };

  it('of the machine image is told though the parameter that names it is the same', () => {
    assert.deepEqual(resolvedChanges({ shape }, [image('ami-1')], [image('ami-2')]), [
      'ImageId: ami-1 → ami-2',
    ]);
  });
  it('of the machine image is not told when it is the same or the stack is new', () => {
    assert.deepEqual(resolvedChanges({ shape }, [image('ami-1')], [image('ami-1')]), []);
    assert.deepEqual(resolvedChanges({ shape }, [], [image('ami-1')]), []);
  });
});

/** For a stack that leaves nothing behind: test/cloud/stillborn.test.ts has one that does. */
const clear = async () => {};

describe('before it is deployed, a stack', () => {
  it('that does not exist is made', async (t) => {
    const { cloud, actions } = await cloudOf(t, [undefined], []);
    assert.equal(await prepareStack(cloud, 's', clear), undefined);
    assert.deepEqual(actions, ['DescribeStacks']);
  });

  it('that is being updated by somebody else is waited for', async (t) => {
    const events = ['stack UPDATE_IN_PROGRESS User Initiated', 'A UPDATE_COMPLETE', 'stack UPDATE_COMPLETE'];
    const { cloud, said } = await cloudOf(t, ['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE'], events);
    assert.equal((await prepareStack(cloud, 's', clear))?.StackStatus, 'UPDATE_COMPLETE');
    assert.match(said(), /s is UPDATE_IN_PROGRESS: waiting/);
  });

  it('with a change set that nobody carried out is taken as it is', async (t) => {
    const { cloud, actions } = await cloudOf(t, ['REVIEW_IN_PROGRESS'], []);
    assert.equal((await prepareStack(cloud, 's', clear))?.StackStatus, 'REVIEW_IN_PROGRESS');
    assert.ok(!actions.includes('DeleteStack'));
  });

  for (const status of ['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'CREATE_FAILED']) {
    it(`that never came to life (${status}) is deleted and made again`, async (t) => {
      const { cloud, actions, said } = await cloudOf(
        t,
        [status],
        ['stack CREATE_IN_PROGRESS', `stack ${status}`],
      );
      const before: string[][] = [];
      assert.equal(await prepareStack(cloud, 's', async () => void before.push([...actions])), undefined);
      assert.ok(actions.includes('DeleteStack'));
      assert.deepEqual(
        before.map((done) => done.includes('DeleteStack')),
        [false],
        'what it would leave behind goes first, once',
      );
      assert.match(said(), /deleting it to start again/);
    });
  }

  it('that could not go back is left, saying why and what to do', async (t) => {
    const { cloud, actions } = await cloudOf(
      t,
      ['UPDATE_ROLLBACK_FAILED'],
      [
        'stack UPDATE_IN_PROGRESS',
        'Labeler UPDATE_FAILED the cause of the update',
        'stack UPDATE_ROLLBACK_IN_PROGRESS',
        'Fleet UPDATE_FAILED the image is gone',
        'stack UPDATE_ROLLBACK_FAILED',
      ],
    );
    await assert.rejects(prepareStack(cloud, 's', clear), (error: unknown) => {
      assert.ok(error instanceof DeployFailure);
      assert.match(error.message, /Fleet .*the image is gone/);
      assert.match(error.hint ?? '', /continue-update-rollback --stack-name s --region eu-west-1/);
      return true;
    });
    assert.ok(!actions.includes('DeleteStack'));
  });

  it('that was half deleted is left, saying why', async (t) => {
    const { cloud } = await cloudOf(
      t,
      ['DELETE_FAILED'],
      ['stack DELETE_IN_PROGRESS', 'Photos DELETE_FAILED The bucket is not empty', 'stack DELETE_FAILED'],
    );
    await assert.rejects(
      prepareStack(cloud, 's', clear),
      /not deleted completely: Photos .*The bucket is not empty/,
    );
  });
});
