import {
  DeleteStackCommand,
  DescribeEventsCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  RollbackStackCommand,
  paginateDescribeStacks,
} from '@aws-sdk/client-cloudformation';
import type { CloudFormationClient, Stack, StackEvent, StackResource } from '@aws-sdk/client-cloudformation';
import { setTimeout as pause } from 'node:timers/promises';
import { adviceFor, firstCause, isSettled, isStackEvent, latestOperation } from './events.ts';
import type { Cause } from './events.ts';
import { DeployFailure } from './failure.ts';
import type { Values } from './parameters.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** What every step that talks to CloudFormation needs. */
export interface Cloud {
  cfn: CloudFormationClient;
  region: string;
  terminal: Terminal;
  /** What to tell when the run is interrupted from now on. */
  interruption(message: string): void;
}

/** Pauses between looks at CloudFormation, in ms: short at first, so that quick changes are quick. */
export async function* looks(): AsyncGenerator<void, never> {
  for (let delay = 250; ; delay = Math.min(delay * 1.5, 3000)) {
    yield;
    await pause(delay);
  }
}

/** Looks without anything new, about 10 s, after which nothing more is expected. */
const quietLooks = 7;

/** The stack of this name or id, if there is one. */
export async function findStack(cfn: CloudFormationClient, name: string): Promise<Stack | undefined> {
  try {
    const { Stacks } = await cfn.send(new DescribeStacksCommand({ StackName: name }));
    const [stack] = Stacks ?? [];
    return stack?.StackStatus === 'DELETE_COMPLETE' ? undefined : stack;
  } catch (error) {
    // CloudFormation has no error of its own for this.
    if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
}

/** Names of all stacks of the account and region that have this value for a parameter. */
export async function stacksWith(cfn: CloudFormationClient, key: string, value: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { Stacks = [] } of paginateDescribeStacks({ client: cfn }, {})) {
    for (const { StackName = '', Parameters = [] } of Stacks)
      if (Parameters.some((one) => one.ParameterKey === key && one.ParameterValue === value))
        names.push(StackName);
  }
  return names;
}

export function stackOutputs(stack: Stack | undefined): Values {
  const pairs = (stack?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [
    OutputKey,
    OutputValue,
  ]);
  return Object.fromEntries(pairs);
}

/**
 * The values of a stack's parameters. One in REVIEW_IN_PROGRESS was never made: it has those of a plan that nobody carried
 * out, and CloudFormation takes no previous values when a stack is created.
 */
export function stackValues(stack: Stack | undefined): Values {
  if (stack?.StackStatus === 'REVIEW_IN_PROGRESS') return {};
  const pairs = (stack?.Parameters ?? []).map(({ ParameterKey = '', ParameterValue = '' }) => [
    ParameterKey,
    ParameterValue,
  ]);
  return Object.fromEntries(pairs);
}

export async function stackResources(cfn: CloudFormationClient, name: string): Promise<StackResource[]> {
  const { StackResources } = await cfn.send(new DescribeStackResourcesCommand({ StackName: name }));
  return StackResources ?? [];
}

/** Events of a stack, oldest first, back to and without the one with this id. */
async function eventsSince(cfn: CloudFormationClient, stackId: string, last?: string): Promise<StackEvent[]> {
  const events: StackEvent[] = [];
  let NextToken: string | undefined;
  do {
    const page = await cfn.send(new DescribeStackEventsCommand({ StackName: stackId, NextToken }));
    for (const event of page.StackEvents ?? []) {
      if (event.EventId === last) return events.toReversed();
      events.push(event);
    }
    ({ NextToken } = page);
  } while (NextToken);
  return events.toReversed();
}

export async function lastEventId(cfn: CloudFormationClient, stackId: string): Promise<string | undefined> {
  const { StackEvents } = await cfn.send(new DescribeStackEventsCommand({ StackName: stackId }));
  return StackEvents?.[0]?.EventId;
}

/**
 * Shows an operation of a stack until it has ended. The events tell when that is: the stack's own status may still be
 * the old one just after an operation was started.
 * @param since id of the last event before the operation; undefined to follow the one under way
 * @param total resources it touches, for the progress line
 * @returns the status it ended with, and its events
 */
export async function follow(cloud: Cloud, stackId: string, name: string, since?: string, total?: number) {
  const { cfn, terminal } = cloud;
  const progress = terminal.progress(name);
  const started = Date.now();
  const done = new Set<string>();
  const seen: StackEvent[] = since ? [] : latestOperation(await eventsSince(cfn, stackId));
  let last = since ?? seen.at(-1)?.EventId;
  let waiting = '';
  let quiet = 0;
  try {
    for await (const _ of looks()) {
      const fresh = await eventsSince(cfn, stackId, last);
      last = fresh.at(-1)?.EventId ?? last;
      seen.push(...fresh);
      for (const event of fresh) {
        showEvent(terminal, event);
        const { LogicalResourceId: id = '', ResourceStatus: status = '' } = event;
        if (isStackEvent(event)) continue;
        if (isSettled(status)) done.add(id);
        else waiting = id;
      }
      const count = total === undefined ? `${done.size}` : `${Math.min(done.size, total)} of ${total}`;
      const seconds = Math.round((Date.now() - started) / 1000);
      progress.say(
        `${name}: ${count} resources, ${seconds} s${waiting && !done.has(waiting) ? `, now ${waiting}` : ''}`,
      );
      quiet = fresh.length === 0 ? quiet + 1 : 0;
      const own = seen.findLast(isStackEvent)?.ResourceStatus;
      if (!own || !isSettled(own)) continue;
      // Its own failure is followed by the way back, unless that is switched off.
      if (/^(CREATE|UPDATE)_FAILED$/.test(own) && quiet < quietLooks) continue;
      return { status: own, events: seen };
    }
  } finally {
    progress.stop();
  }
  throw new Error('unreachable: looks() never ends');
}

function showEvent({ paint, line }: Terminal, event: StackEvent): void {
  const {
    Timestamp,
    ResourceStatus = '',
    LogicalResourceId = '',
    ResourceType = '',
    ResourceStatusReason,
  } = event;
  const style = /FAILED|ROLLBACK/.test(ResourceStatus)
    ? 'red'
    : ResourceStatus.endsWith('COMPLETE')
      ? 'green'
      : 'dim';
  const time = paint('dim', Timestamp?.toISOString().slice(11, 19) ?? '        ');
  const reason = ResourceStatusReason ? `: ${ResourceStatusReason}` : '';
  line(
    `  ${time} ${paint(style, ResourceStatus.padEnd(27))} ${LogicalResourceId} ${paint('dim', ResourceType)}${reason}`,
  );
}

/** The failure to end with when an operation failed: its first real cause. */
export async function operationFailure(
  { cfn, region }: Cloud,
  name: string,
  { status, events }: { status: string; events: StackEvent[] },
): Promise<DeployFailure> {
  const failedChecks = events.some(({ DetailedStatus }) => DetailedStatus === 'VALIDATION_FAILED');
  const StackName = events[0]?.StackId ?? name;
  const cause = (failedChecks && (await failedCheck(cfn, { StackName }))) || firstCause(events);
  if (!cause) return new DeployFailure(`${name} ended in ${status}`);
  const advice = [`${name} ended in ${status}.`, adviceFor(cause, region)].filter(Boolean).join('\n');
  return new DeployFailure(`${cause.resource}: ${cause.reason}`, advice);
}

/**
 * What CloudFormation's own checks before a deployment found. The stack's events only say that something was found:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html
 * @param where the stack, or the change set, whose checks failed
 */
export async function failedCheck(
  cfn: CloudFormationClient,
  where: { StackName: string } | { ChangeSetName: string },
): Promise<Cause | undefined> {
  // Not every role that may deploy may ask this; without the answer there is still the general reason.
  const { OperationEvents = [] } = await cfn
    .send(new DescribeEventsCommand({ ...where, Filters: { FailedEvents: true } }))
    .catch(() => ({ OperationEvents: [] }));
  const found = OperationEvents.find(({ ValidationStatusReason }) => ValidationStatusReason);
  if (!found) return undefined;
  const { LogicalResourceId = 'The template', ResourceType = 'no type', ValidationStatusReason = '' } = found;
  return { resource: `${LogicalResourceId} (${ResourceType})`, reason: ValidationStatusReason };
}

/** Waits for an operation that another run, or the console, has started. */
export async function waitIfBusy(cloud: Cloud, name: string): Promise<Stack | undefined> {
  const stack = await findStack(cloud.cfn, name);
  const status = stack?.StackStatus ?? '';
  // REVIEW_IN_PROGRESS has nothing in progress: somebody has yet to decide on a change set.
  if (!stack?.StackId || status === 'REVIEW_IN_PROGRESS' || isSettled(status)) return stack;
  cloud.terminal.line(`${name} is ${status}: waiting for that to end first`);
  await follow(cloud, stack.StackId, name);
  return findStack(cloud.cfn, name);
}

/**
 * Deletes a stack and waits until it is gone.
 * @throws DeployFailure with the first resource that could not be deleted
 */
export async function deleteStack(cloud: Cloud, { StackId = '', StackName = '' }: Stack): Promise<void> {
  const since = await lastEventId(cloud.cfn, StackId);
  cloud.interruption(`CloudFormation goes on deleting ${StackName}. Run the same command again to continue.`);
  await cloud.cfn.send(new DeleteStackCommand({ StackName: StackId }));
  const result = await follow(cloud, StackId, StackName, since);
  if (result.status !== 'DELETE_COMPLETE') throw await operationFailure(cloud, StackName, result);
}

/**
 * Takes a stack whose update failed, and was left as it was, back to its last good state.
 * @throws DeployFailure with the first resource that could not go back
 */
export async function rollBack(cloud: Cloud, { StackId = '', StackName = '' }: Stack): Promise<void> {
  const since = await lastEventId(cloud.cfn, StackId);
  cloud.interruption(
    `CloudFormation goes on taking ${StackName} back. Run the same command again to continue.`,
  );
  await cloud.cfn.send(new RollbackStackCommand({ StackName: StackId }));
  const result = await follow(cloud, StackId, StackName, since);
  if (result.status !== 'UPDATE_ROLLBACK_COMPLETE') throw await operationFailure(cloud, StackName, result);
}
