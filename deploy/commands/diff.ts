import { artifactsBucketOf } from '../build/artifacts-bucket.ts';
import type { Product } from '../build/product.ts';
import { createChangeSet, discard } from '../cloudformation/changes.ts';
import { checkFleetSize, stackParameters } from '../cloudformation/parameters.ts';
import type { Values } from '../cloudformation/parameters.ts';
import { stackTags } from '../cloudformation/tags.ts';
import { findStack, stackOutputs } from '../cloudformation/stack.ts';
import { createCost } from '../cost/stage-cost.ts';
import { stackName } from '../names.ts';
import type { Options } from '../terminal/options.ts';
import { showChanges, showPlan } from '../terminal/show.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { artifactValues } from './artifact-store.ts';
import { choicesFor } from './choices.ts';
import { givenValues, tellRegion } from './given.ts';
import type { Session } from './session.ts';
import { outputsToCome, startWith } from './start.ts';

/** Shows what `up` would change; changes nothing. */
export async function diff(session: Session, options: Options, product: Product): Promise<void> {
  const { cfn, terminal } = session;
  const { given, names, offers } = await startWith(session, options, product);
  const outputs: Values[] = [];
  const cost = createCost();
  for (const [index, compiled] of product.stacks.entries()) {
    const name = names[index] ?? '';
    const stack = await findStack(cfn, name);
    const choices = await choicesFor(session, compiled, stack, offers(outputs), given);
    if (stack && stack.StackStatus !== 'REVIEW_IN_PROGRESS') {
      const set = await createChangeSet(
        session,
        name,
        compiled,
        choices,
        stack,
        stackTags(options.tag, stack),
      );
      if (set) {
        showChanges(terminal, set);
        await discard(session, set);
      } else terminal.line(`${name}: no changes`);
    } else showPlan(terminal, name, compiled, choices);
    outputs.push({ ...outputsToCome(compiled), ...stackOutputs(stack) });
    cost.add(compiled, choices);
  }
  cost.show(terminal);
}

/** Shows, without asking AWS anything, what `up` would make from nothing. */
export async function plan(terminal: Terminal, options: Options, product: Product): Promise<void> {
  const { system, stacks, artifacts } = product;
  const { stage, region = 'REGION' } = options;
  if (system.labels) tellRegion(terminal, region);
  const place = { account: 'ACCOUNT', partition: 'aws' };
  const given = await givenValues(product, options, place, (stack, output) =>
    Promise.resolve(`(output ${output} of ${stack})`),
  );
  const bucket = artifactsBucketOf({ ...place, stage, region });
  terminal.heading(`${bucket.name}: the artifacts bucket, with`);
  terminal.table(artifacts.map(({ name, key }) => [name, key]));
  const outputs: Values[] = [];
  const cost = createCost();
  for (const compiled of stacks) {
    const offers = [...outputs, given, artifactValues(bucket.name, artifacts)];
    const choices = stackParameters(compiled.shape, {}, ...offers);
    checkFleetSize(choices);
    showPlan(terminal, stackName(system, compiled.name, stage), compiled, choices);
    outputs.push(outputsToCome(compiled));
    cost.add(compiled, choices);
  }
  cost.show(terminal);
  terminal.line('Nothing was sent. Against an account, diff shows what would change there.');
}
