import type { Stack } from '@aws-sdk/client-cloudformation';
import { emptyBucket } from './empty.ts';
import { DeployFailure } from '../cloudformation/failure.ts';
import { findStack, stackOutputs } from '../cloudformation/stack.ts';
import type { Session } from './session.ts';

/**
 * A stage deployed before the artifacts bucket was deploy.ts's own has one inside its first stack: docs/decisions/artifacts-bucket.md.
 * The update takes that bucket away, and the role's right to read it, while instances of the running site may still need
 * both to start.
 * @param later stacks whose instances fetch their code
 * @returns what to do before the update: empty the bucket, which CloudFormation could not delete otherwise
 * @throws DeployFailure while a later stack is there
 */
export async function leaveFormerBucket(
  { cfn, s3, terminal }: Session,
  stack: Stack | undefined,
  later: readonly string[],
  stage: string,
): Promise<() => Promise<void>> {
  const bucket = stackOutputs(stack).ArtifactsBucket;
  if (!bucket) return async () => {};
  for (const name of later) {
    if (!(await findStack(cfn, name))) continue;
    throw new DeployFailure(
      `The stage ${stage} was deployed by an earlier version: its instances start from ${bucket}, which this version replaces`,
      `Take the site down once, then deploy again; posts and photos are kept, the site's address changes:
  npx tsx deploy.ts down --stage ${stage}
  npx tsx deploy.ts --stage ${stage}`,
    );
  }
  terminal.line(`\n${bucket} held the server bundles of an earlier version: it is emptied and removed`);
  return () => emptyBucket(s3, bucket, () => {});
}
