/**
 * A process of its own that counts up ten items of a table with a stream, each one after the other, until it is killed.
 * Prints a line when the first is there.
 */
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { startCloud } from '../../../local/cloud.ts';
import { createDocuments } from '../../../src/aws/documents.ts';
import { counters } from './counters.ts';

const [dataDir = ''] = process.argv.slice(2);
const cloud = await startCloud({ dataDir, labels: false, tables: [counters], log: () => undefined });
Object.assign(process.env, cloud.env);
const documents = createDocuments(cloud.env.AWS_REGION ?? '');

await Promise.all(
  Array.from({ length: 10 }, async (_, id) => {
    for (;;) {
      await documents.send(
        new UpdateCommand({
          TableName: counters.name,
          Key: { id: `item ${id}` },
          UpdateExpression: 'ADD n :one',
          ExpressionAttributeValues: { ':one': 1 },
        }),
      );
      process.stdout.write('.\n');
    }
  }),
);
