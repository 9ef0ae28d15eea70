import { setImmediate } from 'node:timers/promises';
import { CreateTableCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import type { CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { FriendlyError } from '../settings.ts';
import type { Store } from './dynalite.ts';

/** A table in CloudFormation's own words. */
export type LocalTable = {
  name: string;
  /** Names of the functions that its stream calls. */
  consumers?: readonly string[];
  definition: TableShape & { AttributeDefinitions: readonly object[] };
};

/**
 * Makes a table unless it is there.
 * @throws FriendlyError when it is there with other keys
 */
export async function makeTable(client: DynamoDBClient, store: Store, { name, definition }: LocalTable) {
  await removeHalfMade(store, name);
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    if (Table !== undefined && shape(Table) !== shape(definition))
      throw new FriendlyError(
        `The table ${name} has other keys than it is defined with: remove the data folder to start anew`,
      );
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
    const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, LocalSecondaryIndexes } = definition;
    const keys = { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, LocalSecondaryIndexes };
    // Through JSON because a definition is readonly throughout, which the SDK's mutable arrays do not take.
    const wanted = JSON.parse(JSON.stringify(keys)) as typeof keys & CreateTableCommandInput;
    await client.send(new CreateTableCommand({ ...wanted, BillingMode: 'PAY_PER_REQUEST', TableName: name }));
    // Its answer comes first, and until then a request would not find the table.
    while ((await tableStatus(store, name)) !== 'ACTIVE') await setImmediate();
  }
}

/** A process killed amid CreateTable leaves a table that is CREATING for ever; it cannot hold an item yet. */
async function removeHalfMade(store: Store, table: string) {
  if ((await tableStatus(store, table)) !== 'CREATING') return;
  await new Promise<void>((resolve, reject) => {
    store.tableDb.del(table, (error) => (error ? reject(error) : resolve()));
  });
}

function tableStatus(store: Store, table: string) {
  return new Promise<string | undefined>((resolve) => {
    store.tableDb.get(table, (_error, found) => resolve(found?.TableStatus));
  });
}

type KeySchema = readonly { AttributeName?: string | undefined; KeyType?: string | undefined }[] | undefined;
type TableShape = {
  KeySchema?: KeySchema;
  GlobalSecondaryIndexes?: IndexShapes;
  LocalSecondaryIndexes?: IndexShapes;
};
type IndexShapes = readonly { IndexName?: string | undefined; KeySchema?: KeySchema }[] | undefined;

/** The keys and indexes of a table, comparable. */
function shape(table: TableShape): string {
  const { GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [] } = table;
  const indexes = [...GlobalSecondaryIndexes, ...LocalSecondaryIndexes].map((index) => [
    index.IndexName,
    keyNames(index.KeySchema),
  ]);
  return JSON.stringify([keyNames(table.KeySchema), indexes.toSorted()]);
}

const keyNames = (schema: KeySchema) =>
  (schema ?? []).map((key) => `${key.KeyType} ${key.AttributeName}`).toSorted();
