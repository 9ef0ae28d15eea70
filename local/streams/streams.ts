import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TappableStore } from '../dynamodb/dynalite.ts';
import type { EventLog } from '../events/events.ts';
import { type ConsumerOptions, createConsumer, type StreamHandler } from './consumer.ts';
import { recordPrefix, stored, type StreamRecord, type StreamTap, tapWrites } from './tap.ts';

export type Streams = Awaited<ReturnType<typeof openStreams>>;

/**
 * Streams of the local DynamoDB's tables. A record lies in the database itself until its consumer has dealt with it.
 * Opened before the first request: records of an earlier process come first.
 * @param options.dataDir folder of `dead-letters.jsonl`
 * @param options.retryMs pauses between the tries of a record, milliseconds
 */
export async function openStreams(
  store: TappableStore,
  taps: readonly StreamTap[],
  options: { region: string; dataDir: string; log: EventLog; retryMs?: number[] | undefined },
) {
  const { db } = store;
  const { log, dataDir, retryMs } = options;
  const storage = {
    // What lies under a record's key was put there by the tap.
    read: async (key: string) => (await db.get(key)) as StreamRecord | undefined,
    remove: async (keys: string[]) => void (await db.batch(keys.map((key) => ({ type: 'del', key })))),
    bury: async (record: StreamRecord, error: unknown) => {
      await mkdir(dataDir, { recursive: true });
      const letter = { time: new Date().toISOString(), error: String(error), record };
      await appendFile(join(dataDir, 'dead-letters.jsonl'), `${JSON.stringify(letter)}\n`);
    },
  };
  const consumers = new Map(
    taps
      .flatMap((tap) => tap.consumers)
      .map((name) => [name, createConsumer(name, storage, log, retryMs)] as const),
  );

  const tap = tapWrites(store, taps, options.region, (name, record) => consumers.get(name)?.add(record));
  for (const table of taps) {
    for (const name of table.consumers) {
      const prefix = recordPrefix(table, name);
      for await (const [, value] of db.iterator({ gt: prefix, lt: `${prefix}~` })) {
        const record = value as StreamRecord; // As above.
        tap.continueAfter(record.dynamodb.SequenceNumber);
        consumers.get(name)?.add(stored(table, name, record));
      }
    }
  }

  return {
    setHandler: (consumer: string, handler: StreamHandler, settings: ConsumerOptions) =>
      consumers.get(consumer)?.setHandler(handler, settings),
    /** How many records nobody has dealt with yet. */
    pending: () => [...consumers.values()].reduce((sum, one) => sum + one.pending(), 0),
    close: async () => void (await Promise.all([...consumers.values()].map((one) => one.close()))),
  };
}
