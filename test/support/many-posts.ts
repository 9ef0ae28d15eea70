import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { v7 as uuidv7 } from 'uuid';
import { toItem } from '../../src/posts/item.ts';

/** DynamoDB takes 25 items a batch. */
const BATCH = 25;

/**
 * Writes posts straight into the table of a local cloud, which is quicker than as many requests.
 * @param env what points the SDK at the cloud
 * @param bytes length of each text
 * @returns their ids, newest first
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
    id: `POST#${uuidv7()}`,
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
