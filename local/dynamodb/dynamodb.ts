import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { postsTable } from '../../templates/table.ts';
import { type Credentials, KEEP_ALIVE_MS } from '../settings.ts';
import { createDynalite, openStore } from './dynalite.ts';
import type { EventLog } from '../events/events.ts';
import { openStreams } from '../streams/streams.ts';
import { type LocalTable, makeTable } from './tables.ts';

/** How long close() waits for requests in flight before it cuts their connections, milliseconds. */
const CLOSE_MS = 2000;

/** Of a database whose tables have none. */
const NO_STREAMS = { dataDir: '', log: () => undefined };

export type LocalDynamoDB = Awaited<ReturnType<typeof startDynamoDB>>;

/**
 * Starts a local DynamoDB (dynalite) that holds the posts table.
 * @param options.tables of services, beside it; those with consumers have a stream (local/streams)
 * @param options.streams where what the streams' consumers failed to take is put and logged
 * @param options.dataDir folder of the database files; in memory when absent
 * @param options.port 0 (the default) takes a free one
 * @returns the endpoint's URL, the HTTP server, counts of database iterators, and `close`
 * @throws FriendlyError when the folder is in use, damaged or cannot be written
 */
export async function startDynamoDB(options: {
  table: string;
  tables?: readonly LocalTable[] | undefined;
  region: string;
  credentials: Credentials;
  streams?: { dataDir: string; log: EventLog; retryMs?: number[] | undefined };
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

  const { region, credentials, tables = [] } = options;
  const where = options.streams ?? NO_STREAMS;
  const taps = tables.flatMap(({ name, definition, consumers = [] }) => {
    const keys = (definition.KeySchema ?? []).flatMap(({ AttributeName }) => AttributeName ?? []);
    return consumers.length > 0 ? [{ table: name, keys, consumers }] : [];
  });
  const client = new DynamoDBClient({ endpoint: url, region, credentials });
  try {
    for (const table of [{ name: options.table, definition: postsTable }, ...tables])
      await makeTable(client, store, table);
    const streams = await openStreams(store, taps, { ...where, region });
    return { url, server, close, streams, iterators: store.iterators };
  } catch (error) {
    await close();
    throw error;
  } finally {
    client.destroy();
  }
}
