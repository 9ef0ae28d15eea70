import { GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import type { CloudFormationClient, Stack } from '@aws-sdk/client-cloudformation';
import type { TemplateShape } from '../build/compile.ts';
import { DeployFailure } from '../cloudformation/failure.ts';
import { stackResources } from '../cloudformation/stack.ts';
import { deleteBucket, deleteEmptyBucket, deleteTable, emptyBucket, holdsAnything } from './empty.ts';
import type { Session } from './session.ts';

/** A resource of a stack that holds data. */
export interface Data {
  /** What the template calls it. */
  id: string;
  kind: 'bucket' | 'table';
  name: string;
  /** Whether it stays behind when the stack is deleted. */
  stays: boolean;
  /** Whether DynamoDB keeps a backup of its own when the table is deleted. */
  backedUp: boolean;
}

const pointInTime = '"PointInTimeRecoveryEnabled":true';
const kinds: Readonly<Record<string, Data['kind']>> = {
  'AWS::S3::Bucket': 'bucket',
  'AWS::DynamoDB::Table': 'table',
};

/** What in a stack holds data. A resource that could not be made is nobody's of this stack, whatever it is called. */
export async function dataIn(cfn: CloudFormationClient, StackName: string): Promise<Data[]> {
  const { TemplateBody = '{}' } = await cfn.send(new GetTemplateCommand({ StackName }));
  // CloudFormation accepted this template once, so it has this shape.
  const { Resources } = JSON.parse(TemplateBody) as TemplateShape;
  const resources = await stackResources(cfn, StackName);
  return resources.flatMap(({ LogicalResourceId: id = '', PhysicalResourceId: name, ...resource }) => {
    const kind = kinds[resource.ResourceType ?? ''];
    if (!name || !kind || /^(CREATE_FAILED|DELETE_COMPLETE)$/.test(resource.ResourceStatus ?? '')) return [];
    const { DeletionPolicy, Properties } = Resources[id] ?? {};
    const stays = DeletionPolicy?.startsWith('Retain') ?? false;
    return [{ id, kind, name, stays, backedUp: JSON.stringify(Properties ?? {}).includes(pointInTime) }];
  });
}

/** Rows of what a stack keeps: what it is called in the template, and its name. */
export async function keptBy(cfn: CloudFormationClient, stack: string): Promise<string[][]> {
  return (await dataIn(cfn, stack)).map(({ id, name }) => [id, name]);
}

/**
 * Empties all buckets of the stack and deletes what the stack itself would leave behind. That comes before the stack
 * goes, so that an interrupted run still finds the names in it.
 */
export async function deleteData(
  { cfn, s3, dynamodb, terminal, interruption }: Session,
  { StackName = '' }: Stack,
): Promise<void> {
  interruption('Some of the data is deleted. Run the same command again to delete the rest.');
  for (const { kind, name, stays } of await dataIn(cfn, StackName)) {
    const progress = terminal.progress(`deleting ${name}`);
    const told = (deleted: number) => progress.say(`deleting ${name}: ${deleted} versions of objects`);
    try {
      if (kind === 'bucket') await (stays ? deleteBucket : emptyBucket)(s3, name, told);
      if (kind === 'table' && stays) await deleteTable(dynamodb, name);
    } finally {
      progress.stop();
    }
  }
}

/**
 * Deletes the tables and buckets that a stack which never lived would leave behind: `RetainExceptOnCreate` lets them go with
 * the operation that made them, and keeps them at any later one. A bucket's name is fixed, so that the next deployment would
 * find it taken.
 * @throws DeployFailure naming the first one that is not empty; nothing is deleted then
 */
export async function deleteEmptyData(session: Session, { StackName = '' }: Stack): Promise<void> {
  const { s3, dynamodb, terminal } = session;
  const left = (await dataIn(session.cfn, StackName)).filter(({ stays }) => stays);
  for (const { id, kind, name } of left) {
    if (!(await holdsAnything(session, kind, name))) continue;
    throw new DeployFailure(
      `${StackName} never came to life, but its ${id} (${name}) is not empty`,
      'Nothing was deleted. Look at what is in it and save what you want to keep, then: npx tsx deploy.ts down --data, with the same --stage and --region.',
    );
  }
  for (const { kind, name } of left) {
    terminal.line(`Deleting the empty ${kind} ${name}, which the stack would leave behind`);
    // Not emptied first: whatever came into it since is not ours to delete.
    if (kind === 'bucket') await deleteEmptyBucket(s3, name);
    else await deleteTable(dynamodb, name);
  }
}
