import type { Stack } from '@aws-sdk/client-cloudformation';
import type { Compiled } from '../build/compile.ts';
import type { Product } from '../build/product.ts';
import { createChangeSet, discard, execute } from '../cloudformation/changes.ts';
import { DeployFailure } from '../cloudformation/failure.ts';
import { stackParameters } from '../cloudformation/parameters.ts';
import type { Choice, Values } from '../cloudformation/parameters.ts';
import { isStillborn, prepareStack } from '../cloudformation/prepare.ts';
import { protect } from '../cloudformation/protection.ts';
import { stackTags } from '../cloudformation/tags.ts';
import { findStack, stackOutputs, stackValues } from '../cloudformation/stack.ts';
import { createCost } from '../cost/stage-cost.ts';
import type { Options } from '../terminal/options.ts';
import { showChanges } from '../terminal/show.ts';
import { choicesFor } from './choices.ts';
import { deleteEmptyData } from './data.ts';
import { leaveFormerBucket } from './former-bucket.ts';
import { waitForHealth } from './health.ts';
import { allOutputs, tellOutputs, writeEnvironment } from './outputs.ts';
import type { Session } from './session.ts';
import { outputsToCome, startWith } from './start.ts';

/** Deploys all stacks of a system: the outputs of those before are offered to each as parameters. */
export async function up(session: Session, options: Options, product: Product): Promise<void> {
  const { terminal, root, region } = session;
  const { system, stacks } = product;
  const { stage } = options;
  const { given, names, offers, store } = await startWith(session, options, product);
  const cost = createCost();
  await costAhead(session, product, names, offers, cost);

  const done: Record<string, Values> = {};
  const made: Record<string, string> = {};
  for (const [index, compiled] of stacks.entries()) {
    const name = names[index] ?? '';
    const stack = await prepareStack(
      session,
      name,
      (one) => deleteEmptyData(session, one),
      !options['no-rollback'],
    );
    const leave = await leaveFormerBucket(session, stack, names.slice(index + 1), stage);
    const choices = await choicesFor(session, compiled, stack, offers(Object.values(done)), given);
    cost.add(compiled, choices);
    done[compiled.name] = await deploy(session, options, name, compiled, stack, choices, {
      shown: () => cost.show(terminal),
      agreed: async () => {
        await store.fill();
        await leave();
      },
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

/** Reckons what the stage will cost, before the first of its stacks is there. */
async function costAhead(
  { cfn }: Session,
  { stacks }: Product,
  names: readonly string[],
  offers: (before: readonly Values[]) => Values[],
  cost: ReturnType<typeof createCost>,
): Promise<void> {
  const outputs: Values[] = [];
  for (const [index, compiled] of stacks.entries()) {
    const stack = await findStack(cfn, names[index] ?? '');
    const now = isStillborn(stack) ? {} : stackValues(stack);
    cost.add(compiled, stackParameters(compiled.shape, now, ...offers(outputs)));
    outputs.push({ ...outputsToCome(compiled), ...stackOutputs(stack) });
  }
}

/**
 * Brings one stack to what its template says, once somebody has agreed to the plan.
 * @param steps what belongs to the plan that is shown, and what has to be done before CloudFormation begins
 * @returns the stack's outputs
 */
async function deploy(
  session: Session,
  options: Options,
  name: string,
  compiled: Compiled,
  stack: Stack | undefined,
  choices: readonly Choice[],
  steps: { shown: () => void; agreed: () => Promise<void> },
): Promise<Values> {
  const { cfn, terminal } = session;
  const set = await createChangeSet(session, name, compiled, choices, stack, stackTags(options.tag, stack));
  if (!set) {
    terminal.line(`${name}: no changes`);
    return stackOutputs(stack);
  }
  showChanges(terminal, set);
  steps.shown();
  const yes =
    options.yes || (await terminal.confirm('Go ahead?').catch((error) => abandon(session, set, error)));
  if (!yes)
    await abandon(session, set, new DeployFailure('Not deployed', 'Nothing of this plan was changed.'));
  await steps.agreed();
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
