import type { Stack } from '@aws-sdk/client-cloudformation';
import { DescribeStackEventsCommand } from '@aws-sdk/client-cloudformation';
import { firstCause } from './events.ts';
import { DeployFailure } from './failure.ts';
import { deleteStack, findStack, rollBack, waitIfBusy } from './stack.ts';
import type { Cloud } from './stack.ts';

/** A first deployment that failed: nothing in it was ever used, and CloudFormation only lets it be deleted. */
const stillborn = new Set(['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'CREATE_FAILED']);

/** Whether a stack never lived, so that nothing of it is kept. */
export const isStillborn = (stack: Stack | undefined): boolean => stillborn.has(stack?.StackStatus ?? '');

/**
 * Brings a stack, whatever its state, to where it can be deployed.
 * @param clear deletes what a stack that never lived would leave behind, before it is deleted
 * @param rollback false to go on from where an update without a way back has failed
 * @returns the stack, or undefined when it has to be made
 * @throws DeployFailure saying what to do where only a person can decide
 */
export async function prepareStack(
  cloud: Cloud,
  name: string,
  clear: (stack: Stack) => Promise<void>,
  rollback = true,
): Promise<Stack | undefined> {
  const stack = await waitIfBusy(cloud, name);
  const status = stack?.StackStatus ?? '';
  if (stack && isStillborn(stack)) {
    cloud.terminal.line(
      `${name} is ${status}, left by a first deployment that failed: deleting it to start again`,
    );
    await clear(stack);
    await deleteStack(cloud, stack);
    return undefined;
  }
  if (stack && status === 'UPDATE_FAILED' && rollback) {
    cloud.terminal.line(`${name} is ${status}, left by an update without a way back: going back first`);
    await rollBack(cloud, stack);
    return findStack(cloud.cfn, name);
  }
  if (status === 'DELETE_FAILED') {
    throw new DeployFailure(
      `${name} was not deleted completely: ${await lastCause(cloud, name)}`,
      'Finish that first: npx tsx deploy.ts down, with the same --stage and --region; then deploy again.',
    );
  }
  if (status.endsWith('ROLLBACK_FAILED')) {
    throw new DeployFailure(
      `${name} is ${status}, because ${await lastCause(cloud, name)}`,
      [
        'CloudFormation could not go back to the last good state, and takes no change until it has:',
        `  1. remove what blocks ${name} (below)`,
        `  2. aws cloudformation continue-update-rollback --stack-name ${name} --region ${cloud.region}`,
        '     (add --resources-to-skip LOGICAL_ID for a resource that cannot be repaired)',
        '  3. run this command again',
      ].join('\n'),
    );
  }
  return stack;
}

/** What failed since the stack last began to go back or to be deleted. */
async function lastCause({ cfn }: Cloud, name: string): Promise<string> {
  const { StackEvents = [] } = await cfn.send(new DescribeStackEventsCommand({ StackName: name }));
  const start = StackEvents.findIndex(
    ({ ResourceType, ResourceStatus = '' }) =>
      ResourceType === 'AWS::CloudFormation::Stack' && /(ROLLBACK|DELETE)_IN_PROGRESS$/.test(ResourceStatus),
  );
  const cause = firstCause(StackEvents.slice(0, start === -1 ? undefined : start).toReversed());
  return cause ? `${cause.resource}: ${cause.reason}` : 'its events do not say why';
}
