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

/** How many photos have no renditions yet, or are not found by their labels. Reads the whole table. */
export async function countMissing(
  { dynamodb }: Pick<Clients, 'dynamodb'>,
  { table, bucket }: Places,
): Promise<number> {
  let count = 0;
  for await (const { Records } of missing(dynamodb, table, bucket)) count += Records.length;
  return count;
}

/**
 * Has the labeler make the renditions and the entries of labels that are missing, one photo after another. A run that was interrupted is continued by the
 * next one.
 * @returns how many photos it was called for
 * @throws DeployFailure when any failed, once all were tried
 */
export async function relabelMissing(clients: Clients, { table, bucket, labeler }: Places): Promise<number> {
  const { dynamodb, terminal } = clients;
  const reasons: string[] = [];
  let done = 0;
  const progress = terminal.progress('making what is missing');
  try {
    for await (const event of missing(dynamodb, table, bucket)) {
      const reason = await invoke(clients, labeler, JSON.stringify(event));
      if (reason !== undefined) reasons.push(reason);
      progress.say(`making what is missing: ${++done} photos`);
    }
  } finally {
    progress.stop();
  }
  terminal.line(
    `Photos that lacked renditions or entries of their labels: ${done}. Failed: ${reasons.length}.`,
  );
  if (reasons.length > 0)
    throw new DeployFailure(
      `${reasons.length} of ${done} photos failed, the first with: ${reasons[0]}`,
      'What the labeler says of them: npx tsx deploy.ts logs --of labeler, with the same --stage and --region. Run this again for them.',
    );
  return done;
}
