import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { startDynamoDB } from '../../local/dynamodb/dynamodb.ts';
import { FriendlyError, localDefaults } from '../../local/settings.ts';
import { postsTable } from '../../templates/table.ts';

const TableName = localDefaults.table;
const post = (n: number) => ({ user: { S: 'USER#ada' }, id: { S: `POST#${n}` }, shard: { S: 'SHARD#0' } });

async function start(t: TestContext, dataDir?: string) {
  const database = await startDynamoDB({ ...localDefaults, dataDir });
  const { region, credentials } = localDefaults;
  const client = new DynamoDBClient({ endpoint: database.url, region, credentials });
  const close = async () => {
    client.destroy();
    await database.close();
  };
  t.after(close);
  return { database, client, close };
}

async function temporaryFolder(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'postagram-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('the posts table has the keys and the index of templates/table.ts', async (t) => {
  const { client } = await start(t);
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  assert.equal(Table?.TableStatus, 'ACTIVE');
  assert.deepEqual(Table.KeySchema, postsTable.KeySchema);
  assert.deepEqual(
    Table.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema }) => ({ IndexName, KeySchema })),
    postsTable.GlobalSecondaryIndexes.map(({ IndexName, KeySchema }) => ({ IndexName, KeySchema })),
  );
});

test(
  'queries and scans, whole or cut short by a limit, leave no iterator open',
  { timeout: 120_000 },
  async (t) => {
    const { client, database } = await start(t);
    for (let n = 0; n < 5; n++) await client.send(new PutItemCommand({ TableName, Item: post(n) }));
    const query = {
      TableName,
      KeyConditionExpression: '#user = :user',
      ExpressionAttributeNames: { '#user': 'user' },
      ExpressionAttributeValues: { ':user': { S: 'USER#ada' } },
    };
    for (const limit of [{}, { Limit: 2 }]) {
      assert.ok((await client.send(new QueryCommand({ ...query, ...limit }))).Count);
      assert.ok((await client.send(new ScanCommand({ TableName, ...limit }))).Count);
    }
    assert.ok(database.iterators.opened() >= 4, 'the iterators are counted');
    // Each is closed by the destruction of its stream, which may follow the answer.
    while (database.iterators.open() > 0) await new Promise(setImmediate);
  },
);

test('a client that disconnects amid a body does no harm', async (t) => {
  const { client, database } = await start(t);
  const { port, hostname } = new URL(database.url);
  const requested = once(database.server, 'request');
  const socket = connect(Number(port), hostname);
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"half":');
  const [request] = await requested;
  socket.destroy();
  // Not once(): it listens for errors too, which would hide an uncaught one.
  await new Promise((resolve) => request.on('close', resolve));
  await client.send(new PutItemCommand({ TableName, Item: post(1) }));
});

test('items survive a restart on the same folder', async (t) => {
  const folder = await temporaryFolder(t);
  const first = await start(t, folder);
  await first.client.send(new PutItemCommand({ TableName, Item: post(1) }));
  await first.close();
  const { client } = await start(t, folder);
  const { user, id } = post(1);
  assert.deepEqual((await client.send(new GetItemCommand({ TableName, Key: { user, id } }))).Item, post(1));
});

test('a folder in use is refused in one sentence', async (t) => {
  const folder = await temporaryFolder(t);
  await start(t, folder);
  await assert.rejects(start(t, folder), (error) => {
    assert.ok(error instanceof FriendlyError);
    assert.match(error.message, /^The data in .* is in use: is Postagram running already\?$/);
    return true;
  });
});

test('a damaged database is refused in one sentence', async (t) => {
  const folder = await temporaryFolder(t);
  await (await start(t, folder)).close();
  const manifest = (await readdir(folder)).find((name) => name.startsWith('MANIFEST'));
  assert.ok(manifest);
  await writeFile(join(folder, manifest), 'not a manifest at all, but long enough to be read as one record');
  await assert.rejects(start(t, folder), (error) => {
    assert.ok(error instanceof FriendlyError);
    assert.match(error.message, /^Cannot open the database in .*orrupt[^\n]*$/);
    return true;
  });
});

test('a file in the place of the folder is refused in one sentence', async (t) => {
  const file = join(await temporaryFolder(t), 'file');
  await writeFile(file, '');
  await assert.rejects(start(t, file), FriendlyError);
});

/** The database under dynalite, to leave in it what a process killed at the wrong moment would. */
function rawDatabase(folder: string) {
  const require = createRequire(createRequire(import.meta.url).resolve('dynalite'));
  // Untyped here: dynalite's own dependency, not one of this project.
  const { Level } = require('level') as {
    Level: new (
      path: string,
      options: object,
    ) => { put(key: string, value: object): Promise<void>; close(): Promise<void> };
  };
  return new Level(folder, { valueEncoding: 'json' });
}

test('a table that a killed process left half made is made anew', async (t) => {
  const folder = await temporaryFolder(t);
  const raw = rawDatabase(folder);
  await raw.put(`table~${TableName}`, {
    TableName,
    TableStatus: 'CREATING',
    KeySchema: postsTable.KeySchema,
  });
  await raw.close();
  const { client } = await start(t, folder);
  await client.send(new PutItemCommand({ TableName, Item: post(1) }));
});

test('a table with other keys than the definition is refused in one sentence', async (t) => {
  const folder = await temporaryFolder(t);
  const raw = rawDatabase(folder);
  const KeySchema = [{ AttributeName: 'other', KeyType: 'HASH' }];
  await raw.put(`table~${TableName}`, { TableName, TableStatus: 'ACTIVE', KeySchema });
  await raw.close();
  await assert.rejects(start(t, folder), (error) => {
    assert.ok(error instanceof FriendlyError);
    assert.match(error.message, /table postagram-local has other keys than/);
    return true;
  });
});
