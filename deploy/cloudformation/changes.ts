import {
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  ExecuteChangeSetCommand,
} from '@aws-sdk/client-cloudformation';
import type { Change, DescribeChangeSetOutput, Parameter, Stack, Tag } from '@aws-sdk/client-cloudformation';
import type { Compiled } from '../build/compile.ts';
import { adviceFor } from './events.ts';
import { DeployFailure } from './failure.ts';
import type { Choice } from './parameters.ts';
import { stackTags, withTags } from './tags.ts';
import { failedCheck, findStack, follow, lastEventId, looks, operationFailure } from './stack.ts';
import type { Cloud } from './stack.ts';

/** A change set that waits for a decision. */
export interface ChangeSet {
  id: string;
  stackId: string;
  stackName: string;
  isNew: boolean;
  changes: Change[];
  /** Changes of parameters that the template reads from SSM, such as the machine image: `name: old → new`. */
  resolved: string[];
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html gives no code for it. */
const nothingChanges = /didn't contain changes|No updates are to be performed/;

/**
 * Asks CloudFormation what deploying this template would change.
 * @param stack the stack as it is, or undefined; one in REVIEW_IN_PROGRESS has no resources yet
 * @param tags all that the stack is to have
 * @returns undefined when there is nothing to change
 * @throws DeployFailure with CloudFormation's reason when it refuses the template or a value
 */
export async function createChangeSet(
  { cfn, region, interruption }: Cloud,
  stackName: string,
  compiled: Compiled,
  choices: readonly Choice[],
  stack: Stack | undefined,
  tags: Tag[] = stackTags(undefined, stack),
): Promise<ChangeSet | undefined> {
  const isNew = stack === undefined || stack.StackStatus === 'REVIEW_IN_PROGRESS';
  interruption('Nothing was changed. Run the same command again.');
  const { Id: id = '', StackId: stackId = '' } = await cfn.send(
    new CreateChangeSetCommand({
      StackName: stackName,
      ChangeSetName: `deploy-${Date.now()}`,
      ChangeSetType: isNew ? 'CREATE' : 'UPDATE',
      TemplateBody: withTags(compiled, tags),
      Tags: tags,
      Parameters: choices.map(asParameter),
      Capabilities: ['CAPABILITY_IAM'],
    }),
  );
  const described = await describe(cfn, id);
  const set: ChangeSet = {
    id,
    stackId,
    stackName,
    isNew,
    changes: described.Changes ?? [],
    resolved: resolvedChanges(compiled, stack?.Parameters ?? [], described.Parameters ?? []),
  };
  if (described.Status !== 'FAILED') return set;
  const reason = described.StatusReason ?? 'no reason given';
  const nothing = nothingChanges.test(reason);
  const cause = nothing ? undefined : await failedCheck(cfn, { ChangeSetName: id });
  await discard({ cfn }, set);
  if (nothing) return undefined;
  const hint = 'CloudFormation refuses the change. Nothing was changed.';
  if (!cause) throw new DeployFailure(`${stackName}: ${reason}`, hint);
  const advice = [hint, adviceFor(cause, region)].filter(Boolean).join('\n');
  throw new DeployFailure(`${cause.resource}: ${cause.reason}`, advice);
}

/** What the stack has is kept by name, not sent as text: CloudFormation then reads SSM parameters anew. */
function asParameter({ name, value, from }: Choice): Parameter {
  return from === 'stack'
    ? { ParameterKey: name, UsePreviousValue: true }
    : { ParameterKey: name, ParameterValue: value };
}

async function describe(cfn: Cloud['cfn'], id: string): Promise<DescribeChangeSetOutput> {
  for await (const _ of looks()) {
    const first = await cfn.send(
      new DescribeChangeSetCommand({ ChangeSetName: id, IncludePropertyValues: true }),
    );
    if (first.Status !== 'CREATE_COMPLETE' && first.Status !== 'FAILED') continue;
    const changes = first.Changes ?? [];
    for (let NextToken = first.NextToken; NextToken;) {
      const page = await cfn.send(
        new DescribeChangeSetCommand({ ChangeSetName: id, IncludePropertyValues: true, NextToken }),
      );
      changes.push(...(page.Changes ?? []));
      ({ NextToken } = page);
    }
    return { ...first, Changes: changes };
  }
  throw new Error('unreachable: looks() never ends');
}

/** What a parameter stands for: AWS tells the value behind an SSM parameter apart from its name. */
const meaning = ({ ResolvedValue, ParameterValue }: Parameter = {}) => ResolvedValue ?? ParameterValue;

/**
 * Rows `name: old → new` for parameters that the template reads from SSM: what they stand for can change though nobody
 * here changed anything, and Amazon's newest machine image does every few weeks.
 * @param now of the stack as it is
 * @param next of the change set
 */
export function resolvedChanges(
  { shape }: Pick<Compiled, 'shape'>,
  now: Parameter[],
  next: Parameter[],
): string[] {
  return next.flatMap((parameter) => {
    const { ParameterKey: key = '' } = parameter;
    if (!shape.Parameters?.[key]?.Type?.startsWith('AWS::SSM::Parameter::Value')) return [];
    const before = meaning(now.find(({ ParameterKey }) => ParameterKey === key));
    const after = meaning(parameter);
    return before && after && before !== after ? [`${key}: ${before} → ${after}`] : [];
  });
}

/** Drops a change set; a stack that exists only for it goes as well. */
export async function discard({ cfn }: Pick<Cloud, 'cfn'>, { id, stackId, isNew }: ChangeSet): Promise<void> {
  await cfn.send(new DeleteChangeSetCommand({ ChangeSetName: id, StackName: stackId }));
  if (!isNew) return;
  const stack = await findStack(cfn, stackId);
  if (stack?.StackStatus === 'REVIEW_IN_PROGRESS')
    await cfn.send(new DeleteStackCommand({ StackName: stackId }));
}

/**
 * Carries a change set out and shows it happen.
 * @param rollback false to leave what was made when it fails, to be looked at
 * @throws DeployFailure with the first cause when it fails; CloudFormation has rolled back by then, unless it was not to
 */
export async function execute(
  cloud: Cloud,
  { id, stackId, stackName, changes }: ChangeSet,
  rollback = true,
): Promise<void> {
  const since = await lastEventId(cloud.cfn, stackId);
  cloud.interruption(
    `CloudFormation goes on with ${stackName}. Run the same command again to continue from there.`,
  );
  await cloud.cfn.send(
    new ExecuteChangeSetCommand({ ChangeSetName: id, StackName: stackId, DisableRollback: !rollback }),
  );
  const result = await follow(cloud, stackId, stackName, since, changes.length);
  if (result.status !== 'CREATE_COMPLETE' && result.status !== 'UPDATE_COMPLETE') {
    throw await operationFailure(cloud, stackName, result);
  }
}
