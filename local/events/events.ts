import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ObjectInfo } from '../s3/objects.ts';

/** Pauses before the second and third try, milliseconds. Lambda waits one and two minutes; nobody does at a laptop. */
const RETRY_MS = [500, 2000];
/** Handlers at work at once: a new account's Lambda has ten. */
const CONCURRENCY = 10;
/** How long close() waits for handlers at work, milliseconds. */
const CLOSE_MS = 3000;

export type ObjectCreatedHandler = (event: unknown) => Promise<unknown>;
export type EventLog = (message: string, error?: unknown) => void;
export type EventQueue = Awaited<ReturnType<typeof openEventQueue>>;

/**
 * Delivers events to a handler as Lambda's asynchronous invocation does: at least once, two more tries after a throw,
 * then a line in `dead-letters.jsonl`. An event is a file until it is dealt with, so a killed process loses none.
 * Events wait until a handler is set.
 * @param happened whether an event found on disk, by its name, is of something that came to pass
 */
export async function openEventQueue(
  dataDir: string,
  log: EventLog,
  retryMs: number[] = RETRY_MS,
  happened: (name: string) => boolean = () => true,
) {
  const folder = join(dataDir, 'events');
  await mkdir(folder, { recursive: true });
  const found = (await readdir(folder)).toSorted();
  const waiting: string[] = [];
  for (const name of found) {
    // The rest is of a process that was killed half way, before it had put the object in its place.
    if (name.endsWith('.json') && happened(name.slice(0, -'.json'.length))) waiting.push(name);
    else await rm(join(folder, name));
  }
  const running = new Set<Promise<void>>();
  const stop = new AbortController();
  let handler: ObjectCreatedHandler | undefined;

  const pump = () => {
    if (handler === undefined || stop.signal.aborted) return;
    for (const name of waiting.splice(0, CONCURRENCY - running.size)) {
      const done = deliver(name, handler).finally(() => {
        running.delete(done);
        pump();
      });
      running.add(done);
    }
  };

  const deliver = async (name: string, call: ObjectCreatedHandler) => {
    const path = join(folder, name);
    try {
      const text = await readFile(path, 'utf8');
      const event: unknown = JSON.parse(text);
      const failure = await tryAll(() => call(event));
      if (failure === 'stopped') return;
      if (failure !== undefined) {
        log(
          `event ${name} failed ${retryMs.length + 1} times and is now in dead-letters.jsonl`,
          failure.error,
        );
        const letter = { time: new Date().toISOString(), error: String(failure.error), event };
        await appendFile(join(dataDir, 'dead-letters.jsonl'), `${JSON.stringify(letter)}\n`);
      }
      await rm(path, { force: true });
    } catch (error) {
      log(`event ${name} cannot be delivered`, error);
    }
  };

  const tryAll = async (call: () => Promise<unknown>) => {
    for (const pause of [...retryMs, undefined]) {
      try {
        await call();
        return undefined;
      } catch (error) {
        if (pause === undefined) return { error };
        log(`the event handler threw; next try in ${pause} ms`, error);
        const slept = await sleep(pause, true, { signal: stop.signal }).catch(() => false);
        if (!slept) return 'stopped';
      }
    }
    return undefined;
  };

  return {
    setHandler(next: ObjectCreatedHandler) {
      handler = next;
      pump();
    },

    /**
     * Writes an event, then calls `commit`, which makes it true: a process killed between the two leaves an event that
     * the next start drops, the other way round it would leave an object that nobody is ever told of.
     * Resolves when both are on disk; the delivery follows.
     */
    async add(event: { name: string; body: object }, commit: () => Promise<void>) {
      const path = join(folder, `${event.name}.json`);
      await writeFile(`${path}.new`, JSON.stringify(event.body));
      await rename(`${path}.new`, path);
      try {
        await commit();
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
      waiting.push(`${event.name}.json`);
      setImmediate(pump);
    },

    /** How many events nobody has dealt with yet. */
    pending: () => waiting.length + running.size,

    /** What has not been dealt with comes back at the next start. */
    async close() {
      stop.abort();
      await Promise.race([Promise.all(running), sleep(CLOSE_MS, undefined, { ref: false })]);
    },
  };
}

/** An ObjectCreated event as S3 sends it to a Lambda function. */
export function objectCreatedEvent(info: ObjectInfo, bucket: string, region: string, requestId: string) {
  return {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: region,
        eventTime: info.modified,
        eventName: 'ObjectCreated:Put',
        userIdentity: { principalId: 'LOCAL' },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': requestId, 'x-amz-id-2': requestId },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'labeler',
          bucket: { name: bucket, ownerIdentity: { principalId: 'LOCAL' }, arn: `arn:aws:s3:::${bucket}` },
          object: {
            key: encodeEventKey(info.key),
            size: info.size,
            eTag: info.etag,
            versionId: info.version,
            sequencer: info.sequencer,
          },
        },
      },
    ],
  };
}

/** A key as it stands in an event: a space is `+`, the rest percent-encoded, `/` kept. */
export function encodeEventKey(key: string): string {
  return key
    .split('/')
    .map((segment) =>
      encodeURIComponent(segment)
        .replaceAll(/[!'()]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
        .replaceAll('%20', '+'),
    )
    .join('/');
}
