import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import {
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { createDynalite, openStore } from '../../local/dynamodb/dynalite.ts';
import { makeTable } from '../../local/dynamodb/tables.ts';
import { localDefaults } from '../../local/settings.ts';
import { tapWrites } from '../../local/streams/tap.ts';
import { postsTable } from '../../templates/table.ts';

const { table: TableName, region, credentials } = localDefaults;
const key = (n: number) => ({ user: { S: 'USER#ada' }, id: { S: `POST#${n}` } });
const post = (n: number) => ({ ...key(n), shard: { S: 'SHARD#0' } });

/** The database, with a disk that a test breaks: no batch of writes gets there. */
async function start(t: TestContext, streams: boolean) {
  const { server, store } = createDynalite(undefined);
  await openStore(store, undefined);
  const { batch } = store.db;
  const disk = { broken: false, batches: 0 };
  store.db.batch = (changes, done) => {
    disk.batches++;
    if (!disk.broken) return batch.call(store.db, changes, done);
    // In the shape that dynalite answers; it throws any other.
    const body = { __type: 'com.amazonaws.dynamodb.v20120810#InternalServerError' };
    const error = Object.assign(new Error('broken'), { statusCode: 500, body });
    if (!done) return Promise.reject(error);
    done(error);
    return undefined;
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region,
    credentials,
    maxAttempts: 1,
  });
  t.after(() => {
    client.destroy();
    server.close();
    server.closeAllConnections();
  });
  await makeTable(client, store, { name: TableName, definition: postsTable });
  if (streams)
    tapWrites(store, [{ table: TableName, keys: ['user', 'id'], consumers: ['c'] }], region, () => {});

  const index = {
    TableName,
    IndexName: 'by-time',
    KeyConditionExpression: '#shard = :shard',
    // A reserved word.
    ExpressionAttributeNames: { '#shard': 'shard' },
    ExpressionAttributeValues: { ':shard': { S: 'SHARD#0' } },
  };
  return {
    client,
    disk,
    /** What the table has and what its index shows. */
    async both() {
      const { Items: table = [] } = await client.send(new ScanCommand({ TableName }));
      const { Items: shown = [] } = await client.send(new QueryCommand(index));
      return { table, shown };
    },
  };
}

for (const streams of [false, true])
  describe(`a table ${streams ? 'with' : 'without'} streams and what its index shows are one write`, () => {
    const changes: Record<string, (client: DynamoDBClient) => Promise<unknown>> = {
      'a new item': (client) => client.send(new PutItemCommand({ TableName, Item: post(2) })),
      'a change': (client) =>
        client.send(
          new UpdateItemCommand({
            TableName,
            Key: key(1),
            UpdateExpression: 'SET cat = :cat',
            ExpressionAttributeValues: { ':cat': { S: 'Chelsea' } },
          }),
        ),
      'another place in the index': (client) =>
        client.send(new PutItemCommand({ TableName, Item: { ...post(1), shard: { S: 'SHARD#1' } } })),
      'a delete': (client) => client.send(new DeleteItemCommand({ TableName, Key: key(1) })),
    };
    for (const [what, change] of Object.entries(changes))
      it(`${what}, or neither`, async (t) => {
        const { client, disk, both } = await start(t, streams);
        await client.send(new PutItemCommand({ TableName, Item: post(1) }));
        const before = await both();
        assert.deepEqual(before, { table: [post(1)], shown: [post(1)] });

        disk.broken = true;
        await assert.rejects(change(client));
        assert.deepEqual(await both(), before);

        disk.broken = false;
        disk.batches = 0;
        await change(client);
        assert.equal(disk.batches, 1);
        assert.notDeepEqual(await both(), before);
      });
  });
