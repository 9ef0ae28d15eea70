import { deepEqual, ok } from 'node:assert/strict';
import type { Service } from '../../services/service.ts';
import { resolve } from '../templates/resolve.ts';
import type { Resource, Stack } from '../templates/stacks.ts';
import { denied, type Statement, superfluousIn } from './role.ts';
import type { Place, Use } from './uses.ts';

/** A deployed stack: values of its parameters, and physical names of its resources by logical id. */
export type Deployed = { parameters: Record<string, string>; names: Record<string, string> };

type Resources = Record<string, Resource>;

/**
 * Each role of a service allows all that was used by it, and not one statement and not one action of it could be missing.
 * @param deployed by the stack's name inside the service
 * @param usesOf what a function asked, by its physical name
 * @throws AssertionError naming the role, and what is denied, or what nobody used
 */
export async function assertServiceRolesFit(
  { stacks }: Service,
  deployed: Readonly<Record<string, Deployed>>,
  usesOf: (functionName: string) => Use[],
  place: Place,
): Promise<void> {
  let count = 0;
  for (const { name, template } of stacks) {
    const stack = deployed[name];
    if (!stack) throw new Error(`The stack ${name} is not deployed`);
    // What JSON.stringify wrote of a template of ours is one.
    const body = JSON.parse(JSON.stringify(await template())) as Stack;
    const resources = resolved({ ...body, Parameters: body.Parameters ?? {}, Outputs: {} }, stack, place);
    for (const [id, role] of Object.entries(resources)) {
      if (role.Type !== 'AWS::IAM::Role') continue;
      count++;
      const called = functionNameOf(id, stack);
      const uses: Use[] = [
        ...(called === undefined ? [] : usesOf(called)),
        ...usesByAws(resources, id, stack, place),
      ];
      const policy = statementsOf(role);
      deepEqual(await denied(policy, uses, place), [], `denied to ${id}`);
      deepEqual(await superfluousIn(policy, uses, place), [], `allowed to ${id}, but not used`);
    }
  }
  ok(count > 0, 'no role');
}

/** `NAMERole` is that of the function `NAME`. */
const functionNameOf = (roleId: string, { names }: Deployed) => names[roleId.replace(/Role$/, '')];

function resolved(stack: Stack, { parameters, names }: Deployed, place: Place): Resources {
  const known = Object.entries(stack.Resources).flatMap(([id, { Type }]): [string, string][] => {
    const name = names[id] ?? id;
    return [
      [id, name],
      [`${id}.Arn`, arnOf(Type, name, place)],
    ];
  });
  const { Resources } = resolve(stack, parameters, Object.fromEntries(known));
  // `resolve` has an account of its own.
  return JSON.parse(JSON.stringify(Resources).replaceAll('123456789012', place.account)) as Resources;
}

function statementsOf({ Properties }: Resource): Statement[] {
  // The form that templates/service/function.ts writes.
  const written = (Properties?.['Policies'] ?? []) as unknown as {
    PolicyDocument: { Statement: Statement[] };
  }[];
  return written.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

/**
 * What AWS itself does with a role, where no emulator asks anybody: by what the resources around it say of logs, dead
 * letters, streams and schedules.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html
 */
function usesByAws(resources: Resources, roleId: string, stack: Deployed, place: Place): Use[] {
  const functionName = functionNameOf(roleId, stack);
  const role = arnOf('AWS::IAM::Role', stack.names[roleId] ?? roleId, place);
  return Object.values(resources).flatMap(({ Type, Properties }): Use[] => {
    // As far as the parts in templates/service write them.
    const told = (Properties ?? {}) as unknown as {
      Role?: string;
      LoggingConfig?: { LogGroup: string };
      DeadLetterConfig?: { TargetArn: string };
      FunctionName?: string;
      EventSourceArn?: string;
      DestinationConfig?: { OnFailure: { Destination: string } };
      Target?: { Arn: string; RoleArn: string };
    };
    if (Type === 'AWS::Lambda::Function' && told.Role === role)
      return [...toLog(told.LoggingConfig?.LogGroup, place), ...toSend(told.DeadLetterConfig?.TargetArn)];
    if (Type === 'AWS::Lambda::EventSourceMapping' && told.FunctionName === functionName)
      return [...toRead(told.EventSourceArn), ...toSend(told.DestinationConfig?.OnFailure.Destination)];
    if (Type === 'AWS::Scheduler::Schedule' && told.Target?.RoleArn === role)
      return [{ action: 'lambda:InvokeFunction', resource: told.Target.Arn }];
    return [];
  });
}

function toLog(group = 'none', { region, account }: Place): Use[] {
  const arn = `arn:aws:logs:${region}:${account}:log-group:${group}`;
  return [
    { action: 'logs:CreateLogStream', resource: `${arn}:*` },
    { action: 'logs:PutLogEvents', resource: `${arn}:log-stream:2026/01/01/[$LATEST]0` },
  ];
}

const toSend = (queue: string | undefined): Use[] =>
  queue === undefined ? [] : [{ action: 'sqs:SendMessage', resource: queue }];

const toRead = (stream = 'none'): Use[] => [
  ...['DescribeStream', 'GetRecords', 'GetShardIterator'].map((action) => ({
    action: `dynamodb:${action}`,
    resource: stream,
  })),
  { action: 'dynamodb:ListStreams', resource: '*' },
];

function arnOf(type: string, name: string, { region, account }: Place): string {
  if (type === 'AWS::DynamoDB::Table') return `arn:aws:dynamodb:${region}:${account}:table/${name}`;
  if (type === 'AWS::S3::Bucket') return `arn:aws:s3:::${name}`;
  if (type === 'AWS::IAM::Role') return `arn:aws:iam::${account}:role/${name}`;
  if (type === 'AWS::Lambda::Function') return `arn:aws:lambda:${region}:${account}:function:${name}`;
  if (type === 'AWS::Logs::LogGroup') return `arn:aws:logs:${region}:${account}:log-group:${name}:*`;
  // CloudFormation knows a queue by its URL.
  if (type === 'AWS::SQS::Queue') return `arn:aws:sqs:${region}:${account}:${name.replace(/^.*\//, '')}`;
  return name;
}
