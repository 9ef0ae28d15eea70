import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { IncomingMessage, Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { postsTable } from '../../templates/table.ts';
import { type Credentials, FriendlyError, KEEP_ALIVE_MS } from '../settings.ts';

/** How long close() waits for requests in flight before it cuts their connections, milliseconds. */
const CLOSE_MS = 2000;

export type LocalDynamoDB = Awaited<ReturnType<typeof startDynamoDB>>;

/**
 * Starts a local DynamoDB (dynalite) that holds the posts table.
 * @param options.dataDir folder of the database files; in memory when absent
 * @param options.port 0 (the default) takes a free one
 * @returns the endpoint's URL, the HTTP server, counts of database iterators, and `close`
 * @throws FriendlyError when the folder is in use, damaged or cannot be written
 */
export async function startDynamoDB(options: {
  table: string;
  region: string;
  credentials: Credentials;
  dataDir?: string | undefined;
  port?: number | undefined;
}) {
  const { server, store } = createDynalite(options.dataDir);
  if (options.dataDir !== undefined) await mkdir(options.dataDir, { recursive: true }).catch(() => undefined);
  await openStore(store, options.dataDir);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo; only pipes have a string.
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const cut = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
    await closed;
    clearTimeout(cut);
  };

  try {
    await makeTable(url, options, store);
  } catch (error) {
    await close();
    throw error;
  }
  return { url, server, close, iterators: store.iterators };
}

/** What of dynalite's internals is touched here: its types are not published. */
type Store = {
  db: {
    open(): Promise<void>;
    keys(options?: object): LevelIterator;
    values(options?: object): LevelIterator;
  };
  tableDb: {
    get(key: string, done: (error: Error | null, table?: { TableStatus: string }) => void): void;
    del(key: string, done: (error: Error | null) => void): void;
  };
};
type LevelIterator = { close(): Promise<void>; return?: () => Promise<void> };
type Dynalite = (options: { path?: string; createTableMs: number }) => Server;

/** dynalite 4.0.0 with its three defects repaired from outside: nothing in node_modules changes. */
function createDynalite(path: string | undefined) {
  const require = createRequire(import.meta.url);
  // Untyped CommonJS: the shapes above are what version 4.0.0 has, and package.json pins it.
  const dynalite = require('dynalite') as Dynalite;
  const database = require('dynalite/db') as { create(options: object): Store };

  // dynalite keeps its store to itself, so `create` is wrapped for the length of one call to get hold of it.
  const { create } = database;
  let made: Store | undefined;
  database.create = (options) => (made = create(options));
  const server = dynalite({ createTableMs: 0, ...(path !== undefined && { path }) });
  database.create = create;
  if (made === undefined) throw new Error('dynalite did not create a store');
  const store = made;

  // Defect 1: its streams end an iterator with `iterator.return()`, abstract-level has `close()` only: each Query
  // and Scan left an iterator open, with the LevelDB snapshot behind it, until the process ended.
  let opened = 0;
  let closed = 0;
  const closing = (iterator: LevelIterator) => {
    opened++;
    let ended: Promise<void> | undefined;
    iterator.return = () => (ended ??= iterator.close().finally(() => closed++));
    return iterator;
  };
  const { keys, values } = store.db;
  store.db.keys = (options) => closing(keys.call(store.db, options));
  store.db.values = (options) => closing(values.call(store.db, options));

  // Defect 2: its handler throws the request's 'error' event, so a client that disconnects amid a body would end
  // the process. This listener runs right after the handler; without any listener, node drops the request quietly.
  server.on('request', (request: IncomingMessage) => void request.removeAllListeners('error'));

  return { server, store: { ...store, iterators: { opened: () => opened, open: () => opened - closed } } };
}

/**
 * Defect 3: dynalite opens its database later and on its own, so a folder in use showed as a hang and an uncaught
 * LEVEL_DATABASE_NOT_OPEN. Opening it before the first request brings the reason out.
 */
async function openStore(store: Store, path: string | undefined) {
  try {
    await store.db.open();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'LEVEL_LOCKED')
      throw new FriendlyError(`The data in ${path} is in use: is Postagram running already?`, { cause });
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new FriendlyError(`Cannot open the database in ${path}: ${detail}`, { cause });
  }
}

type TableOptions = { table: string; region: string; credentials: Credentials; dataDir?: string | undefined };

async function makeTable(endpoint: string, options: TableOptions, store: Store) {
  await removeHalfMade(store, options.table);
  const client = new DynamoDBClient({ endpoint, region: options.region, credentials: options.credentials });
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: options.table }));
    if (Table !== undefined && shape(Table) !== shape(postsTable))
      throw new FriendlyError(
        `The table in ${options.dataDir} has other keys than templates/table.ts: remove the folder to start anew`,
      );
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
    // Through JSON because postsTable is readonly throughout, which the SDK's mutable arrays do not take.
    const definition = JSON.parse(JSON.stringify(postsTable)) as typeof postsTable & CreateTableCommandInput;
    await client.send(new CreateTableCommand({ ...definition, TableName: options.table }));
    // Its answer comes first, and until then a request would not find the table.
    while ((await tableStatus(store, options.table)) !== 'ACTIVE') await setImmediate();
  } finally {
    client.destroy();
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
  GlobalSecondaryIndexes?: readonly { IndexName?: string | undefined; KeySchema?: KeySchema }[] | undefined;
};

/** The keys and indexes of a table, comparable. */
function shape(table: TableShape): string {
  const indexes = (table.GlobalSecondaryIndexes ?? []).map((index) => [
    index.IndexName,
    keyNames(index.KeySchema),
  ]);
  return JSON.stringify([keyNames(table.KeySchema), indexes.toSorted()]);
}

const keyNames = (schema: KeySchema) =>
  (schema ?? []).map((key) => `${key.KeyType} ${key.AttributeName}`).toSorted();
