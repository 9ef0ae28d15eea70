import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { missing } from '../src/labels/missing.ts';
import type { ObjectCreatedHandler } from './events/events.ts';

/**
 * Has the labeler make the renditions of photos from before there were any, and the entries of labels, one photo after the other. What fails is left for the next
 * start; the labeler has logged it.
 * @param env what points an SDK at the local cloud
 */
export async function relabelMissing(
  env: Record<string, string>,
  handler: ObjectCreatedHandler,
): Promise<void> {
  const { AWS_REGION: region = '', AWS_ENDPOINT_URL_DYNAMODB: endpoint = '' } = env;
  const client = new DynamoDBClient({ region, endpoint });
  try {
    const events = missing(client, env.DYNAMO_TABLE ?? '', env.BUCKET ?? '');
    for await (const event of events) await Promise.resolve(handler(event)).catch(() => undefined);
  } finally {
    client.destroy();
  }
}
