import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog } from '../events/events.ts';
import type { StoredRecord, StreamRecord } from './tap.ts';

/** Records of one item are always in the same lane, and so in order; each lane has one call at work. */
const LANES = 4;
/** Pauses after the first, second, … failure of a batch, milliseconds; the last one from then on. */
const RETRY_MS = [200, 1000, 5000];
/** How long close() waits for handlers at work, milliseconds. */
const CLOSE_MS = 3000;

export type StreamHandler = (event: { Records: StreamRecord[] }) => Promise<unknown>;

export type ConsumerOptions = {
  /** Records a call, at the most. */
  batchSize: number;
  /** Tries after the first before a record is a dead letter. */
  retries: number;
  /** Seconds that a call may take. */
  timeout: number;
};

type Storage = {
  /** undefined when it is gone */
  read(key: string): Promise<StreamRecord | undefined>;
  remove(keys: string[]): Promise<void>;
  bury(record: StreamRecord, error: unknown): Promise<void>;
};

/**
 * Delivers the records of a stream to a function as Lambda does: at least once, in order for each item, again from the
 * first record that failed (all of them after a throw, else the first in `batchItemFailures`). After a failure the records
 * come one by one, as with BisectBatchOnFunctionError, so that a bad one alone becomes a dead letter.
 * Records wait until a handler is set.
 */
export function createConsumer(name: string, storage: Storage, log: EventLog, retryMs: number[] = RETRY_MS) {
  const lanes = Array.from({ length: LANES }, (): string[] => []);
  const running = new Map<string[], Promise<void>>();
  const stop = new AbortController();
  let call: { handler: StreamHandler; options: ConsumerOptions } | undefined;

  const pump = (lane: string[]) => {
    if (call === undefined || stop.signal.aborted || running.has(lane) || lane.length === 0) return;
    const done = run(lane, call.handler, call.options)
      .catch((error: unknown) => log(`${name}: a record of its stream cannot be delivered`, error))
      .finally(() => {
        running.delete(lane);
        // What came while the last one was on its way out.
        if (lane.length > 0) setImmediate(pump, lane);
      });
    running.set(lane, done);
  };

  async function run(lane: string[], handler: StreamHandler, options: ConsumerOptions) {
    let failures = 0;
    while (lane.length > 0 && !stop.signal.aborted) {
      const keys = lane.slice(0, failures > 0 ? 1 : options.batchSize);
      const records = (await Promise.all(keys.map(storage.read))).flatMap((record) => record ?? []);
      const { done, error } = await attempt(records, handler, options.timeout);
      const finished = error === undefined ? keys.length : done;
      if (finished > 0) {
        await storage.remove(keys.slice(0, finished));
        lane.splice(0, finished);
        failures = 0;
      }
      if (error === undefined) continue;
      failures++;
      const [first] = records.slice(done);
      if (failures > options.retries && first !== undefined) {
        log(`${name}: a record failed ${failures} times and is now in dead-letters.jsonl`, error);
        await storage.bury(first, error);
        await storage.remove(lane.splice(0, 1));
        failures = 0;
        continue;
      }
      const pause = retryMs[Math.min(failures, retryMs.length) - 1] ?? 0;
      log(`${name}: a record failed; next try in ${pause} ms`, error);
      await sleep(pause, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  }

  return {
    add({ key, item }: StoredRecord) {
      const lane = lanes[(createHash('md5').update(item).digest()[0] ?? 0) % LANES];
      lane?.push(key);
      if (lane) setImmediate(pump, lane);
    },

    setHandler(handler: StreamHandler, options: ConsumerOptions) {
      call = { handler, options };
      lanes.forEach(pump);
    },

    /** How many records nobody has dealt with yet. */
    pending: () => lanes.reduce((sum, lane) => sum + lane.length, 0),

    /** What has not been dealt with comes back at the next start. */
    async close() {
      stop.abort();
      await Promise.race([Promise.all(running.values()), sleep(CLOSE_MS, undefined, { ref: false })]);
    },
  };
}

/** @returns how many records, from the first, are done, and with what the next one failed */
async function attempt(Records: StreamRecord[], handler: StreamHandler, seconds: number) {
  const late = new AbortController();
  try {
    const answer = await Promise.race([
      handler({ Records }),
      sleep(seconds * 1000, undefined, { signal: late.signal, ref: false }).then(() => {
        throw new Error(`The function timed out after ${seconds} s`);
      }),
    ]);
    const failed = failedOf(answer);
    if (failed.length === 0) return { done: Records.length };
    const done = Records.findIndex(({ dynamodb }) => failed.includes(dynamodb.SequenceNumber));
    // A number of no record of the batch: Lambda takes the whole batch for failed.
    return {
      done: Math.max(done, 0),
      error: new Error('The function named the record in batchItemFailures'),
    };
  } catch (error) {
    return { done: 0, error };
  } finally {
    late.abort();
  }
}

function failedOf(answer: unknown): unknown[] {
  const failures =
    typeof answer === 'object' && answer !== null && 'batchItemFailures' in answer
      ? answer.batchItemFailures
      : [];
  if (!Array.isArray(failures)) return [];
  return failures.map((one: unknown) =>
    typeof one === 'object' && one !== null && 'itemIdentifier' in one ? one.itemIdentifier : undefined,
  );
}
