import { artifactsBucketOf } from '../build/artifacts-bucket.ts';
import type { Compiled } from '../build/compile.ts';
import type { Product } from '../build/product.ts';
import type { Values } from '../cloudformation/parameters.ts';
import { stackName } from '../names.ts';
import type { Options } from '../terminal/options.ts';
import { artifactValues, createArtifactStore } from './artifact-store.ts';
import { deployedOutput, givenValues, tellPlace } from './given.ts';
import type { Session } from './session.ts';

/** What `up` and `diff` start with: tells where it works, and what of the code is in the artifacts bucket. */
export async function startWith(session: Session, options: Options, product: Product) {
  const { system, stacks, artifacts } = product;
  const { stage } = options;
  const place = await tellPlace(session, options, system);
  const given = await givenValues(product, options, place, (stack, output) =>
    deployedOutput(session, stack, output),
  );
  const bucket = artifactsBucketOf({ ...place, stage, region: session.region });
  const store = createArtifactStore(session, bucket, artifacts);
  await store.show();
  return {
    given,
    store,
    /** Names of the stacks, in their order. */
    names: stacks.map(({ name }) => stackName(system, name, stage)),
    /** Offers for a stack's parameters, from the weakest to the strongest. @param before outputs of the stacks before it */
    offers: (before: readonly Values[]): Values[] => [
      ...before,
      given,
      artifactValues(bucket.name, artifacts),
    ],
  };
}

/** Stands for the outputs of a stack that is not there yet. */
export function outputsToCome({ name, shape }: Compiled): Values {
  return Object.fromEntries(
    Object.keys(shape.Outputs ?? {}).map((output) => [output, `(output of ${name})`]),
  );
}
