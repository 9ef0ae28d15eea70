import { GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import type { CloudFormationClient, Stack } from '@aws-sdk/client-cloudformation';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { TemplateShape } from '../build/compile.ts';
import { stackResources } from '../cloudformation/stack.ts';
import { deleteBucket, deleteTable, emptyBucket } from './empty.ts';
import type { Session } from './session.ts';

/** What in a stack holds data, and whether it would stay behind when the stack is deleted. */
async function dataIn(cfn: CloudFormationClient, StackName: string) {
  const { TemplateBody = '{}' } = await cfn.send(new GetTemplateCommand({ StackName }));
  // CloudFormation accepted this template once, so it has this shape.
  const { Resources } = JSON.parse(TemplateBody) as TemplateShape;
  const resources = await stackResources(cfn, StackName);
  return resources.flatMap(({ LogicalResourceId = '', PhysicalResourceId: name, ResourceType }) => {
    const stays = Resources[LogicalResourceId]?.DeletionPolicy?.startsWith('Retain') ?? false;
    const kind = { 'AWS::S3::Bucket': 'bucket', 'AWS::DynamoDB::Table': 'table' }[ResourceType ?? ''];
    return name && kind ? [{ id: LogicalResourceId, kind, name, stays }] : [];
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
  { cfn, s3, terminal, interruption }: Session,
  { StackName = '' }: Stack,
  dynamodb: DynamoDBClient,
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
