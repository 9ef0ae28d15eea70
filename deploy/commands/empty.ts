import { DeleteTableCommand, ScanCommand, waitUntilTableNotExists } from '@aws-sdk/client-dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteBucketCommand, DeleteObjectsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { DeployFailure } from '../cloudformation/failure.ts';

/**
 * Deletes every version and every delete marker in a bucket, a page (1,000 at most) at a time. A bucket that is gone
 * is empty.
 * @param told called with the number deleted so far
 * @throws DeployFailure naming the first object that S3 does not delete
 */
export async function emptyBucket(
  s3: S3Client,
  Bucket: string,
  told: (deleted: number) => void,
): Promise<void> {
  let deleted = 0;
  for (;;) {
    // Always the first page: what stood on it is gone by the next look.
    const page = await unlessGone(s3.send(new ListObjectVersionsCommand({ Bucket })));
    const Objects = [...(page?.Versions ?? []), ...(page?.DeleteMarkers ?? [])].map(({ Key, VersionId }) => ({
      Key,
      VersionId,
    }));
    if (Objects.length === 0) return;
    const { Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    const [error] = Errors ?? [];
    if (error)
      throw new DeployFailure(`${Bucket}/${error.Key} cannot be deleted: ${error.Code} ${error.Message}`);
    told((deleted += Objects.length));
  }
}

/** Empties and deletes a bucket; a browser may still upload with a URL it was given, hence more than one try. */
export async function deleteBucket(
  s3: S3Client,
  Bucket: string,
  told: (deleted: number) => void,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    await emptyBucket(s3, Bucket, told);
    try {
      await deleteEmptyBucket(s3, Bucket);
      return;
    } catch (error) {
      if (!(error instanceof Error && error.name === 'BucketNotEmpty') || tries === 5) throw error;
    }
  }
}

/** Deletes a bucket as it is: S3 refuses one that holds anything. */
export async function deleteEmptyBucket(s3: S3Client, Bucket: string): Promise<void> {
  await unlessGone(s3.send(new DeleteBucketCommand({ Bucket })));
}

/** Whether there is an object, an old version of one or a delete marker in a bucket, or an item in a table. */
export async function holdsAnything(
  { s3, dynamodb }: { s3: S3Client; dynamodb: DynamoDBClient },
  kind: 'bucket' | 'table',
  name: string,
): Promise<boolean> {
  if (kind === 'bucket') {
    const list = new ListObjectVersionsCommand({ Bucket: name, MaxKeys: 1 });
    const { Versions = [], DeleteMarkers = [] } = (await unlessGone(s3.send(list))) ?? {};
    return Versions.length + DeleteMarkers.length > 0;
  }
  // DescribeTable counts items only every six hours.
  const scan = new ScanCommand({ TableName: name, Limit: 1, ConsistentRead: true });
  return ((await unlessGone(dynamodb.send(scan)))?.Items ?? []).length > 0;
}

/** Deletes a table and waits until it is gone. */
export async function deleteTable(dynamodb: DynamoDBClient, TableName: string): Promise<void> {
  await unlessGone(dynamodb.send(new DeleteTableCommand({ TableName })));
  await waitUntilTableNotExists(
    { client: dynamodb, maxWaitTime: 300, minDelay: 1, maxDelay: 5 },
    { TableName },
  );
}

async function unlessGone<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof Error && /^(NoSuchBucket|ResourceNotFoundException)$/.test(error.name))
      return undefined;
    throw error;
  }
}
