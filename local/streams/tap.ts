import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Change, TappableStore } from '../dynamodb/dynalite.ts';

/** A table whose changes are recorded: once for each consumer, which deletes what it has dealt with. */
export type StreamTap = {
  table: string;
  /** Names of the table's key attributes. */
  keys: readonly string[];
  consumers: readonly string[];
};

/** An item in DynamoDB's own JSON. */
type Item = Record<string, unknown>;

/** A change of an item as DynamoDB hands it to a Lambda function. */
export type StreamRecord = ReturnType<typeof describeChange>;

/** Where a record lies, and the item it is of: records of one item stay in order. */
export type StoredRecord = { key: string; item: string };

/**
 * Gives tables of dynalite, which has no streams, a stream of new and old images. A change and its records are one batch
 * of LevelDB, with what the indexes show of it: whenever the process is killed, both are there or neither is. What changes nothing is not recorded.
 * @param recorded is told of each record once it is stored, for each item in order
 */
export function tapWrites(
  { db, takeEntries }: TappableStore,
  taps: readonly StreamTap[],
  region: string,
  recorded: (consumer: string, record: StoredRecord) => void,
) {
  const byTable = new Map(taps.map((tap) => [tap.table, tap]));
  const { put, del, get, batch } = db;
  let last = 0n;

  /** Grows even when the clock goes back or two changes share a millisecond. Of one length, as the order is that of text. */
  const nextSequence = () => {
    const now = BigInt(Date.now()) << 16n;
    last = now > last ? now : last + 1n;
    return last.toString().padStart(24, '0');
  };

  db.put = (key, value, done) => {
    const tap = tapOf(key);
    if (tap) answer(commit(tap, key, value, takeEntries()), done);
    else return put.call(db, key, value, done);
  };
  db.del = (key, done) => {
    const tap = tapOf(key);
    if (tap) answer(commit(tap, key, undefined, takeEntries()), done);
    else return del.call(db, key, done);
  };

  return {
    /** Sequence numbers go on after this one. */
    continueAfter(sequence: string) {
      const found = BigInt(sequence);
      if (found > last) last = found;
    },
  };

  /** dynalite keeps the items of a table under `item-TABLE~…`; the name of a table has no `~`. */
  function tapOf(key: string): StreamTap | undefined {
    if (!key.startsWith('item-')) return undefined;
    return byTable.get(key.slice('item-'.length, key.indexOf('~')));
  }

  /** dynalite holds the item's lock meanwhile: nobody else changes it. */
  async function commit(tap: StreamTap, key: string, after: unknown, entries: Change[]): Promise<void> {
    const before = plain(await get.call(db, key));
    const next = plain(after);
    const change: Change = next === undefined ? { type: 'del', key } : { type: 'put', key, value: next };
    if (isDeepStrictEqual(before, next)) return void (await batch.call(db, [change, ...entries]));
    const sequence = nextSequence();
    const record = describeChange(tap, region, sequence, before, next);
    const records = tap.consumers.map((consumer): Change => {
      return { type: 'put', key: stored(tap, consumer, record).key, value: record };
    });
    await batch.call(db, [change, ...entries, ...records]);
    for (const consumer of tap.consumers) recorded(consumer, stored(tap, consumer, record));
  }
}

/** Every key of a consumer's records begins so. */
export const recordPrefix = ({ table }: StreamTap, consumer: string) => `stream~${table}~${consumer}~`;

/** Where a record lies. */
export const stored = (tap: StreamTap, consumer: string, { dynamodb }: StreamRecord): StoredRecord => ({
  key: recordPrefix(tap, consumer) + dynamodb.SequenceNumber,
  item: JSON.stringify(dynamodb.Keys),
});

function answer(committed: Promise<void>, done: ((error: Error | null) => void) | undefined) {
  // Out of the promise, in which a throw of dynalite's would be lost.
  committed.then(
    () => setImmediate(() => done?.(null)),
    (error: Error) => setImmediate(() => done?.(error)),
  );
}

/** As JSON has it: dynalite's own copies have no prototype and would equal nothing. */
const plain = (value: unknown): Item | undefined =>
  // Everything under an item's key is an item.
  value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as Item);

function describeChange(
  { table, keys }: StreamTap,
  region: string,
  sequence: string,
  before: Item | undefined,
  after: Item | undefined,
) {
  const item = after ?? before ?? {};
  return {
    // The same however often it is delivered.
    eventID: createHash('md5').update(`${table}/${sequence}`).digest('hex'),
    eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    eventSourceARN: `arn:aws:dynamodb:${region}:000000000000:table/${table}/stream/2026-01-01T00:00:00.000`,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
      Keys: Object.fromEntries(keys.map((name) => [name, item[name]])),
      ...(after && { NewImage: after }),
      ...(before && { OldImage: before }),
      SequenceNumber: sequence,
      SizeBytes: JSON.stringify([before, after]).length,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  };
}
