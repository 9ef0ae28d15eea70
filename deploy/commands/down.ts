import type { Stack } from '@aws-sdk/client-cloudformation';
import { artifactsBucketOf, bucketExists } from '../build/artifacts-bucket.ts';
import type { ArtifactsBucket } from '../build/artifacts-bucket.ts';
import { DeployFailure } from '../cloudformation/failure.ts';
import { liftProtection, requireUnprotected } from '../cloudformation/protection.ts';
import { deleteStack, stacksWith, waitIfBusy } from '../cloudformation/stack.ts';
import { stackName } from '../names.ts';
import type { System } from '../system.ts';
import type { Options } from '../terminal/options.ts';
import { dataIn, deleteData, keptBy } from './data.ts';
import type { Data } from './data.ts';
import { deleteBucket } from './empty.ts';
import { tellPlace } from './given.ts';
import type { Session } from './session.ts';

/** Deletes the stacks that hold no data, the last one first; with --data everything else of the stage as well. */
export async function down(session: Session, options: Options, system: System): Promise<void> {
  const { s3, terminal, region } = session;
  const { stage, data } = options;
  const place = await tellPlace(session, options, system);
  const bucket = artifactsBucketOf({ ...place, stage, region });
  const found: { stack: Stack; keepsData: boolean }[] = [];
  for (const { name, keepsData = false } of system.stacks.toReversed()) {
    const stack = await waitIfBusy(session, stackName(system, name, stage));
    if (stack) found.push({ stack, keepsData });
  }
  const gone = found.filter(({ keepsData }) => data || !keepsData);
  const kept = found.filter((one) => !gone.includes(one)).map(({ stack }) => stack);
  if (gone.length === 0 && !(data && (await bucketExists(s3, bucket)))) {
    const names = system.stacks.filter(({ keepsData }) => data || !keepsData).map(({ name }) => name);
    terminal.line(`${names.map((name) => stackName(system, name, stage)).join(', ')}: there is none`);
    await tellKept(session, kept, stage);
    return;
  }
  requireUnprotected(
    gone.map(({ stack }) => stack),
    options['lift-protection'],
  );
  const doomed = data
    ? await Promise.all(gone.map(({ stack }) => dataIn(session.cfn, stack.StackId ?? '')))
    : [];
  await requireConsent(session, options, system, doomed.flat());
  for (const { stack, keepsData } of gone) {
    if (keepsData) await deleteData(session, stack);
    await liftProtection(session, stack);
    await deleteStack(session, stack);
  }
  if (!data) {
    terminal.line(`\nDeleted ${gone.map(({ stack }) => stack.StackName).join(', ')}.`);
    await tellKept(session, kept, stage);
    return;
  }
  await deleteArtifacts(session, bucket);
  terminal.line(`\nDeleted everything of ${system.name} in the stage ${stage}.`);
  const buckets = doomed.flat().some(({ kind }) => kind === 'bucket');
  if (buckets)
    terminal.line(
      'S3 may refuse the names of deleted buckets for up to an hour (409): deploy again after that.',
    );
}

async function requireConsent(
  { terminal }: Session,
  { stage, data, yes }: Options,
  { name }: System,
  doomed: readonly Data[],
): Promise<void> {
  if (data) {
    const backups = doomed.filter(({ backedUp }) => backedUp).map((one) => one.name);
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
    const left =
      backups.length > 0
        ? `, but for a system backup of ${backups.join(', ')} that DynamoDB keeps for 35 days`
        : '';
    terminal.line(`This deletes all data of ${name} in ${stage}, for good${left}.`);
    if (yes) return;
    const typed = await terminal.type("Type the stage's name to go on:");
    if (typed !== stage) throw new DeployFailure(`"${typed}" is not ${stage}`, 'Nothing was deleted.');
    return;
  }
  if (!yes && !(await terminal.confirm(`Take down ${name} in ${stage}? Its data is kept.`))) {
    throw new DeployFailure('Not deleted', 'Nothing was changed.');
  }
}

/** docs/decisions/what-down-keeps.md */
async function tellKept({ cfn, terminal }: Session, stacks: readonly Stack[], stage: string): Promise<void> {
  for (const { StackName = '' } of stacks) {
    terminal.heading(`Kept, in ${StackName}`);
    terminal.table(await keptBy(cfn, StackName));
  }
  if (stacks.length > 0) {
    terminal.line(`\nup --stage ${stage} brings it back; down --data --stage ${stage} deletes these too`);
  }
}

/** The bucket serves all systems of the stage: it goes with the last of them. */
async function deleteArtifacts(session: Session, bucket: ArtifactsBucket): Promise<void> {
  const { cfn, s3, terminal } = session;
  const others = await stacksWith(cfn, 'ArtifactsBucket', bucket.name);
  if (others.length > 0) {
    terminal.line(`\n${bucket.name} stays: ${others.join(', ')} ${others.length > 1 ? 'need' : 'needs'} it`);
    return;
  }
  if (!(await bucketExists(s3, bucket))) return;
  session.interruption('Only the artifacts bucket is left. Run the same command again to delete it.');
  const progress = terminal.progress(`deleting ${bucket.name}`);
  try {
    await deleteBucket(s3, bucket.name, () => {});
  } finally {
    progress.stop();
  }
}
