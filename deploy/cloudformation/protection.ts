import { UpdateTerminationProtectionCommand } from '@aws-sdk/client-cloudformation';
import type { Stack } from '@aws-sdk/client-cloudformation';
import { DeployFailure } from './failure.ts';
import { findStack } from './stack.ts';
import type { Cloud } from './stack.ts';

/** The stage that is protected without being asked for. */
const production = 'prod';

/** Protects a stack of the stage prod against deletion, by whatever means, unless it is. */
export async function protect({ cfn, terminal }: Cloud, name: string, stage: string): Promise<void> {
  if (stage !== production) return;
  const stack = await findStack(cfn, name);
  if (!stack || stack.EnableTerminationProtection) return;
  await cfn.send(
    new UpdateTerminationProtectionCommand({ StackName: name, EnableTerminationProtection: true }),
  );
  terminal.line(`${name}: protected against deletion`);
}

/** @throws DeployFailure when one of the stacks is protected, unless that is to be lifted */
export function requireUnprotected(stacks: readonly Stack[], lift: boolean): void {
  const names = stacks.filter((stack) => stack.EnableTerminationProtection).map(({ StackName }) => StackName);
  if (names.length === 0 || lift) return;
  throw new DeployFailure(
    `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} protected against deletion`,
    'Nothing was deleted. To delete it all the same: the same command with --lift-protection.',
  );
}

/** Lifts the protection of a stack that is about to be deleted. */
export async function liftProtection(
  { cfn }: Cloud,
  { StackName, EnableTerminationProtection }: Stack,
): Promise<void> {
  if (!EnableTerminationProtection) return;
  await cfn.send(new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: false }));
}
