import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { startCloud } from '../../../local/cloud.ts';
import type { ConsumerOptions, StreamHandler } from '../../../local/streams/consumer.ts';
import type { StreamRecord } from '../../../local/streams/tap.ts';
import { createDocuments } from '../../../src/aws/documents.ts';
import { eventually } from '../../support/eventually.ts';
import { counters } from './counters.ts';

export const TableName = counters.name;
/** As `listen` has them unless it is told otherwise. */
export const settings: ConsumerOptions = { batchSize: 10, retries: 2, timeout: 30 };

/** A local DynamoDB with the table of counters, and a client of it. @param dataDir that outlives it; a new one without */
export async function start(t: TestContext, dataDir?: string) {
  const cloud = await startCloud({
    ...(dataDir !== undefined && { dataDir }),
    labels: false,
    tables: [counters],
    log: () => undefined,
    retryMs: [1],
  });
  Object.assign(process.env, cloud.env);
  const documents = createDocuments(cloud.env.AWS_REGION ?? '');
  const close = async () => {
    documents.destroy();
    await cloud.close();
  };
  t.after(close);
  return {
    cloud,
    documents,
    close,
    put: (id: string, n: number) => documents.send(new PutCommand({ TableName, Item: { id, n } })),
    listen: (handler: StreamHandler, options: Partial<ConsumerOptions> = {}) =>
      cloud.onStream('reader', handler, { ...settings, ...options }),
    /** Waits until no record is left. */
    settled: () => eventually(() => assert.equal(cloud.pendingEvents(), 0)),
  };
}

/** The key of the item that a record is about, as JSON. */
export const idOf = ({ dynamodb }: StreamRecord) => JSON.stringify(dynamodb.Keys.id);
/** The counter's value after the change. */
export const numberOf = ({ dynamodb }: StreamRecord) =>
  Number((dynamodb.NewImage?.n as { N: string } | undefined)?.N);

/** A handler that takes all it gets. */
export function collect() {
  const records: StreamRecord[] = [];
  const handler: StreamHandler = async ({ Records }) => void records.push(...Records);
  return { records, handler };
}
