import type { IncomingMessage, Server } from 'node:http';
import { createRequire } from 'node:module';
import { FriendlyError } from '../settings.ts';

/** What of dynalite's internals is touched here: its types are not published. */
export type Store = {
  db: {
    open(): Promise<void>;
    keys(options?: object): LevelIterator;
    values(options?: object): LevelIterator;
    iterator(range: object): AsyncIterable<[key: string, value: unknown]>;
    get(key: string): Promise<unknown>;
    put(key: string, value: unknown, done?: Done): unknown;
    del(key: string, done?: Done): unknown;
    batch(changes: Change[], done?: Done): Promise<unknown> | undefined;
  };
  tableDb: {
    get(key: string, done: (error: Error | null, table?: { TableStatus: string }) => void): void;
    del(key: string, done: (error: Error | null) => void): void;
  };
};
/** The store, and what waits for the write of the item that is being changed. */
export type TappableStore = Store & { takeEntries(): Change[] };
/** One write of LevelDB. */
export type Change = { type: 'put'; key: string; value: unknown } | { type: 'del'; key: string };
type Done = (error: Error | null) => void;
type LevelIterator = { close(): Promise<void>; return?: () => Promise<void> };
type Dynalite = (options: { path?: string; createTableMs: number }) => Server;

/** dynalite 4.0.0 with its four defects repaired from outside: nothing in node_modules changes. */
export function createDynalite(path: string | undefined) {
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

  // Defect 4: it writes what the indexes show of an item before the item, each for itself: killed between the two, an
  // index would show for ever what no table has. Those wait here for the item's own write, which follows in the same
  // tick, and are one batch with it.
  const entries: Change[] = [];
  const takeEntries = () => entries.splice(0);
  const { put, del } = store.db;
  const write = (change: Change, done?: Done) => {
    const changes = [change, ...takeEntries()];
    if (changes.length > 1) return store.db.batch(changes, done);
    return change.type === 'put'
      ? put.call(store.db, change.key, change.value, done)
      : del.call(store.db, change.key, done);
  };
  const writeOrWait = (change: Change, done?: Done) => {
    if (!done || !change.key.startsWith('index-')) return write(change, done);
    entries.push(change);
    done(null);
  };
  store.db.put = (key, value, done) => writeOrWait({ type: 'put', key, value }, done);
  store.db.del = (key, done) => writeOrWait({ type: 'del', key }, done);

  const iterators = { opened: () => opened, open: () => opened - closed };
  return { server, store: { ...store, iterators, takeEntries } };
}

/**
 * Defect 3: dynalite opens its database later and on its own, so a folder in use showed as a hang and an uncaught
 * LEVEL_DATABASE_NOT_OPEN. Opening it before the first request brings the reason out.
 */
export async function openStore(store: Store, path: string | undefined) {
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
