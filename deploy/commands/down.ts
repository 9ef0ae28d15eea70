import { GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import type { Stack } from '@aws-sdk/client-cloudformation';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { accountOf } from '../account.ts';
import type { TemplateShape } from '../build/compile.ts';
import { deleteBucket, deleteTable, emptyBucket } from './empty.ts';
import { DeployFailure } from '../cloudformation/failure.ts';
import { stackNames } from '../names.ts';
import type { Options } from '../terminal/options.ts';
import { deleteStack, stackOutputs, stackResources, waitIfBusy } from '../cloudformation/stack.ts';
import type { Session } from './up.ts';

/** Deletes the server stack; with --data also everything else of the stage, posts and photos included. */
export async function down(session: Session, options: Options, dynamodb: DynamoDBClient): Promise<void> {
  const { terminal, region } = session;
  const { stage, data } = options;
  const names = stackNames(stage);
  const { account } = await accountOf(session.sts);
  terminal.line(`Stage ${stage}, region ${region}, account ${account}`);
  const server = await waitIfBusy(session, names.server);
  const serverless = await waitIfBusy(session, names.serverless);
  if (!server && !(data && serverless)) {
    terminal.line(`${names.server}: there is none`);
    if (serverless) tellKept(session, serverless, stage);
    return;
  }
  await requireConsent(session, options);
  if (server) await deleteStack(session, server);
  if (!data) {
    terminal.line(`\nDeleted ${names.server}: the site is gone.`);
    if (serverless) tellKept(session, serverless, stage);
    return;
  }
  if (serverless) {
    await deleteData(session, serverless, dynamodb);
    await deleteStack(session, serverless);
  }
  terminal.line(`\nDeleted everything of the stage ${stage}.`);
}

async function requireConsent({ terminal }: Session, { stage, data, yes }: Options): Promise<void> {
  if (data) {
    if (yes) return;
    const typed = await terminal.type(
      `This deletes every post and every photo of ${stage}, for good. Type the stage's name to go on:`,
    );
    if (typed !== stage) throw new DeployFailure(`"${typed}" is not ${stage}`, 'Nothing was deleted.');
    return;
  }
  if (!yes && !(await terminal.confirm(`Delete the site of ${stage}? Posts and photos are kept.`))) {
    throw new DeployFailure('Not deleted', 'Nothing was changed.');
  }
}

/** docs/decisions/what-down-keeps.md */
function tellKept({ terminal }: Session, serverless: Stack, stage: string): void {
  const { Bucket = '', Table = '', ArtifactsBucket = '' } = stackOutputs(serverless);
  terminal.heading(`Kept, in ${serverless.StackName}`);
  terminal.table([
    ['photos', Bucket],
    ['posts', Table],
    ['server bundles', ArtifactsBucket],
  ]);
  terminal.line(
    `\nnpx tsx deploy.ts up --stage ${stage} brings the site back; down --data --stage ${stage} deletes these too`,
  );
}

/**
 * Empties all buckets of the stack and deletes what the stack itself would leave behind. That comes before the stack
 * goes, so that an interrupted run still finds the names in it.
 */
async function deleteData(
  { cfn, s3, terminal, interruption }: Session,
  stack: Stack,
  dynamodb: DynamoDBClient,
) {
  const { StackName = '' } = stack;
  interruption('Some of the data is deleted. Run the same command again to delete the rest.');
  const { TemplateBody = '{}' } = await cfn.send(new GetTemplateCommand({ StackName }));
  // CloudFormation accepted this template once, so it has this shape.
  const { Resources } = JSON.parse(TemplateBody) as TemplateShape;
  for (const { LogicalResourceId = '', PhysicalResourceId: name, ResourceType } of await stackResources(
    cfn,
    StackName,
  )) {
    if (!name) continue;
    const stays = Resources[LogicalResourceId]?.DeletionPolicy?.startsWith('Retain');
    const progress = terminal.progress(`deleting ${name}`);
    const told = (deleted: number) => progress.say(`deleting ${name}: ${deleted} versions of objects`);
    try {
      if (ResourceType === 'AWS::S3::Bucket') await (stays ? deleteBucket : emptyBucket)(s3, name, told);
      if (ResourceType === 'AWS::DynamoDB::Table' && stays) await deleteTable(dynamodb, name);
    } finally {
      progress.stop();
    }
  }
}
