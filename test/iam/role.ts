import { deepEqual } from 'node:assert/strict';

import { runSimulation } from '@cloud-copilot/iam-simulate';

import { parameterSets } from '../templates/parameter-sets.ts';
import { resolve } from '../templates/resolve.ts';
import { compileStacks } from '../templates/stacks.ts';
import type { Place, Use } from './uses.ts';

/**
 * What the resources that the role speaks of are called: physical names, as the outputs of the serverless stack have
 * them.
 */
export interface Names extends Place {
  bucket: string;
  renditions: string;
  table: string;
  artifactsBucket: string;
}

export interface Statement {
  Sid: string;
  Action: string[];
  Resource: string | string[];
}

/** The policy of the compiled role, as CloudFormation would write it for a stack of these names. */
export function rolePolicy({
  region,
  account,
  bucket,
  renditions,
  table,
  artifactsBucket,
}: Names): Statement[] {
  const { serverless } = compileStacks();
  const { Resources } = resolve(
    serverless,
    { ...parameterSets.serverless['nothing given'], ArtifactsBucket: artifactsBucket },
    {
      'PostsTable.Arn': `arn:aws:dynamodb:${region}:${account}:table/${table}`,
      'LabelerLogs.Arn': labelerLogs({ region, account }),
      'DeadLetters.Arn': deadLetters({ region, account }),
    },
  );
  const nameOf = (id: string) => String(Resources[id]?.Properties?.['BucketName']);
  // The form that templates/role.ts writes.
  const [policy] = (Resources['Role']?.Properties?.['Policies'] ?? []) as unknown as {
    PolicyDocument: { Statement: Statement[] };
  }[];
  const statements = policy?.PolicyDocument.Statement ?? [];
  return statements.map((statement) => ({
    ...statement,
    Resource: [statement.Resource].flat().map((resource) =>
      resource
        .replace(nameOf('ImageBucket'), bucket)
        .replace(nameOf('RenditionsBucket'), renditions)
        // What is named and not referred to has the account of resolve.ts.
        .replace(':eu-west-1:123456789012:', `:${region}:${account}:`),
    ),
  }));
}

/**
 * What AWS itself does with the role where no emulator asks anybody: the function's log, its dead letters, and the
 * agent that Session Manager talks to.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
 */
export function usesByAws(place: Place): Use[] {
  const logs = labelerLogs(place).replace(/\*$/, 'log-stream:2026/01/01/[$LATEST]0');
  return [
    { action: 'logs:CreateLogStream', resource: logs.replace(/:log-stream.*$/, ':*') },
    { action: 'logs:PutLogEvents', resource: logs },
    ...['CreateLogStream', 'PutLogEvents'].map((action) => ({
      action: `logs:${action}`,
      resource: `${serverLogs(place)}:log-stream:i-0123456789abcdef0`,
    })),
    { action: 'sqs:SendMessage', resource: deadLetters(place) },
    ...['CreateControlChannel', 'CreateDataChannel', 'OpenControlChannel', 'OpenDataChannel'].map(
      (action) => ({ action: `ssmmessages:${action}`, resource: '*' }),
    ),
    { action: 'ssm:UpdateInstanceInformation', resource: '*' },
  ];
}

const labelerLogs = ({ region, account }: Place) =>
  `arn:aws:logs:${region}:${account}:log-group:/postagram/test/labeler:*`;
const serverLogs = ({ region, account }: Place) =>
  `arn:aws:logs:${region}:${account}:log-group:/postagram/test/server`;
const deadLetters = ({ region, account }: Place) => `arn:aws:sqs:${region}:${account}:dead-letters`;

/** The uses that a policy does not allow, as the simulator of IAM has it. */
export async function denied(policy: Statement[], uses: Use[], { account }: Place): Promise<Use[]> {
  const refused: Use[] = [];
  for (const use of uses) {
    const result = await runSimulation(
      {
        identityPolicies: [
          {
            name: 'postagram',
            policy: {
              Version: '2012-10-17',
              Statement: policy.map((statement) => ({ ...statement, Effect: 'Allow' })),
            },
          },
        ],
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        request: {
          principal: `arn:aws:iam::${account}:role/postagram`,
          action: use.action,
          resource: { resource: use.resource, accountId: account },
          contextVariables: use.context ?? {},
        },
      },
      {},
    );
    if (result.resultType === 'error')
      throw new Error(`${use.action} ${use.resource}: ${result.errors.message}`);
    if (result.overallResult !== 'Allowed') refused.push(use);
  }
  return refused;
}

/**
 * The role allows all of these uses, and not one statement and not one action of it could be missing.
 *
 * @throws AssertionError naming what is denied, or what nobody used
 */
export async function assertRoleFits(names: Names, recorded: Use[]): Promise<void> {
  const policy = rolePolicy(names);
  const uses = [...recorded, ...usesByAws(names)];
  deepEqual(await denied(policy, uses, names), [], 'denied');
  deepEqual(await superfluousIn(policy, uses, names), [], 'allowed, but used by nobody');
}

/** Statements and actions of a policy without which all of these uses would be allowed too. */
export async function superfluousIn(policy: Statement[], uses: Use[], place: Place): Promise<string[]> {
  const superfluous: string[] = [];
  for (const [index, { Sid, Action }] of policy.entries()) {
    if ((await denied(policy.toSpliced(index, 1), uses, place)).length === 0) superfluous.push(Sid);
    for (const action of Action) {
      const less = { ...policy[index], Action: Action.filter((other) => other !== action) };
      if (less.Action.length === 0) continue;
      const without = policy.with(index, less as Statement);
      if ((await denied(without, uses, place)).length === 0) superfluous.push(`${Sid}: ${action}`);
    }
  }
  return superfluous;
}
