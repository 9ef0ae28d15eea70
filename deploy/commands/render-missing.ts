import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { missing } from '../../src/labels/missing.ts';
import { DeployFailure } from '../cloudformation/failure.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { invoke } from './relabel.ts';

interface Clients {
  dynamodb: DynamoDBClient;
  lambda: LambdaClient;
  terminal: Terminal;
}

interface Places {
  /** Table of posts. */
  table: string;
  /** Bucket of photos as they were uploaded. */
  bucket: string;
  /** Name of the labeler. */
  labeler: string;
}

/** How many photos from before there were renditions have none yet. Reads the whole table. */
export async function countMissing(
  { dynamodb }: Pick<Clients, 'dynamodb'>,
  { table, bucket }: Places,
): Promise<number> {
  let count = 0;
  for await (const { Records } of missing(dynamodb, table, bucket)) count += Records.length;
  return count;
}

/**
 * Has the labeler make the renditions that are missing, one photo after another. A run that was interrupted is continued by the
 * next one.
 * @returns how many photos it was called for
 * @throws DeployFailure when any failed, once all were tried
 */
export async function relabelMissing(clients: Clients, { table, bucket, labeler }: Places): Promise<number> {
  const { dynamodb, terminal } = clients;
  const reasons: string[] = [];
  let done = 0;
  const progress = terminal.progress('making renditions');
  try {
    for await (const event of missing(dynamodb, table, bucket)) {
      const reason = await invoke(clients, labeler, JSON.stringify(event));
      if (reason !== undefined) reasons.push(reason);
      progress.say(`making renditions: ${++done} photos`);
    }
  } finally {
    progress.stop();
  }
  terminal.line(`Photos that had no renditions: ${done}. Failed: ${reasons.length}.`);
  if (reasons.length > 0)
    throw new DeployFailure(
      `${reasons.length} of ${done} photos failed, the first with: ${reasons[0]}`,
      'What the labeler says of them: npx tsx deploy.ts logs --of labeler, with the same --stage and --region. Run this again for them.',
    );
  return done;
}
