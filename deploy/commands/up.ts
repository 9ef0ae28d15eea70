import type { Stack } from '@aws-sdk/client-cloudformation';
import { artifactsBucketOf } from '../build/artifacts-bucket.ts';
import type { Compiled } from '../build/compile.ts';
import type { Product } from '../build/product.ts';
import { createChangeSet, discard, execute } from '../cloudformation/changes.ts';
import { DeployFailure } from '../cloudformation/failure.ts';
import type { Choice, Values } from '../cloudformation/parameters.ts';
import { prepareStack } from '../cloudformation/prepare.ts';
import { protect } from '../cloudformation/protection.ts';
import { stackTags } from '../cloudformation/tags.ts';
import { findStack, stackOutputs } from '../cloudformation/stack.ts';
import { stackName } from '../names.ts';
import type { Options } from '../terminal/options.ts';
import { showChanges } from '../terminal/show.ts';
import { artifactValues, createArtifactStore } from './artifact-store.ts';
import { choicesFor } from './choices.ts';
import { deleteEmptyData } from './data.ts';
import { leaveFormerBucket } from './former-bucket.ts';
import { deployedOutput, givenValues, tellPlace } from './given.ts';
import { waitForHealth } from './health.ts';
import { allOutputs, tellOutputs, writeEnvironment } from './outputs.ts';
import type { Session } from './session.ts';

/** Deploys all stacks of a system: the outputs of those before are offered to each as parameters. */
export async function up(session: Session, options: Options, product: Product): Promise<void> {
  const { terminal, root, region } = session;
  const { system, stacks, artifacts } = product;
  const { stage } = options;
  const place = await tellPlace(session, options, system);
  const given = await givenValues(product, options, place, (stack, output) =>
    deployedOutput(session, stack, output),
  );
  const bucket = artifactsBucketOf({ ...place, stage, region });
  const store = createArtifactStore(session, bucket, artifacts);
  await store.show();

  const names = stacks.map(({ name }) => stackName(system, name, stage));
  const done: Record<string, Values> = {};
  const made: Record<string, string> = {};
  for (const [index, compiled] of stacks.entries()) {
    const offers = [...Object.values(done), given, artifactValues(bucket.name, artifacts)];
    const name = names[index] ?? '';
    const stack = await prepareStack(
      session,
      name,
      (one) => deleteEmptyData(session, one),
      !options['no-rollback'],
    );
    const leave = await leaveFormerBucket(session, stack, names.slice(index + 1), stage);
    const choices = await choicesFor(session, compiled, stack, offers, given);
    done[compiled.name] = await deploy(session, options, name, compiled, stack, choices, async () => {
      await store.fill();
      await leave();
    });
    for (const choice of choices) if (choice.from === 'made') made[choice.name] = choice.value;
    await protect(session, name, stage);
  }
  // Where no stack had to change, a bucket that somebody emptied is filled again.
  await store.fill();

  const found = { stage, region, stacks: done };
  await tellOutputs(terminal, root, system, found);
  if (options['write-env']) await writeEnvironment(terminal, root, system, found);
  const outputs = allOutputs(found);
  const remark = system.remark?.(outputs, made);
  if (remark) terminal.line(`\n${terminal.paint('yellow', remark)}`);
  const site = system.site?.(outputs) ?? outputs.Url;
  if (system.health && site) {
    session.interruption(`All stacks are deployed; only the wait for ${system.health} was interrupted.`);
    await waitForHealth(terminal, `${site.replace(/\/$/, '')}${system.health}`);
  }
  terminal.line(`\n${terminal.paint(['bold', 'green'], `✔ ${outputs.Url ?? system.name}`)}`);
}

/**
 * Brings one stack to what its template says, once somebody has agreed to the plan.
 * @param agreed what has to be done before CloudFormation begins
 * @returns the stack's outputs
 */
async function deploy(
  session: Session,
  options: Options,
  name: string,
  compiled: Compiled,
  stack: Stack | undefined,
  choices: readonly Choice[],
  agreed: () => Promise<void>,
): Promise<Values> {
  const { cfn, terminal } = session;
  const set = await createChangeSet(session, name, compiled, choices, stack, stackTags(options.tag, stack));
  if (!set) {
    terminal.line(`${name}: no changes`);
    return stackOutputs(stack);
  }
  showChanges(terminal, set);
  const yes =
    options.yes || (await terminal.confirm('Go ahead?').catch((error) => abandon(session, set, error)));
  if (!yes)
    await abandon(session, set, new DeployFailure('Not deployed', 'Nothing of this plan was changed.'));
  await agreed();
  await execute(session, set, !options['no-rollback']);
  return stackOutputs(await findStack(cfn, name));
}

async function abandon(
  session: Session,
  set: Parameters<typeof discard>[1],
  reason: unknown,
): Promise<never> {
  await discard(session, set);
  throw reason;
}
