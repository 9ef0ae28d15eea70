import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { v7 as uuidv7 } from 'uuid';
import { toItem } from '../../src/posts/item.ts';
import { SHARDS } from '../../src/posts/post.ts';

/** DynamoDB takes 25 items a batch. */
const BATCH = 25;

/**
 * Writes posts straight into the table of a local cloud, which is quicker than as many requests.
 * @param env what points the SDK at the cloud
 * @param bytes length of each text
 * @returns their ids, newest first; the shards of the index have them in turn, each as many as the others
 */
export async function writePosts(
  env: Readonly<Record<string, string>>,
  { user, count, bytes = 10 }: { user: string; count: number; bytes?: number },
): Promise<string[]> {
  const { AWS_ENDPOINT_URL_DYNAMODB: endpoint = '', AWS_REGION: region = '', DYNAMO_TABLE = '' } = env;
  const credentials = { accessKeyId: 'LOCAL', secretAccessKey: 'LOCAL' };
  const client = new DynamoDBClient({ endpoint, region, credentials });
  const posts = Array.from({ length: count }, (_, i) => ({
    user,
    id: idOfShard(i % SHARDS.length),
    title: `number ${i}`,
    body: 'x'.repeat(bytes),
    createdAt: new Date().toISOString(),
    status: 'none' as const,
  }));
  for (let at = 0; at < count; at += BATCH) {
    const requests = posts.slice(at, at + BATCH).map((post) => ({ PutRequest: { Item: toItem(post) } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [DYNAMO_TABLE]: requests } }));
  }
  client.destroy();
  return posts.map(({ id }) => id).toReversed();
}

/** The last digit of an id names its shard and is chance otherwise; the order of ids is in the digits before it. */
const idOfShard = (shard: number) => `POST#${uuidv7().slice(0, -1)}${shard}`;
