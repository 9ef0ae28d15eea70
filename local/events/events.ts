import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import type { ObjectInfo } from '../s3/objects.ts';
import { createFairQueue } from './fair-queue.ts';

/** Pauses before the second and third try, milliseconds. Lambda waits one and two minutes; nobody does at a laptop. */
const RETRY_MS = [500, 2000];
/** Handlers at work at once: a new account's Lambda has ten. */
const CONCURRENCY = 10;
/** Of one user's events: the label network looks at one photo at a time, the others wait in its line before a stranger's. */
const USER_CONCURRENCY = 3;
/** How long close() waits for handlers at work, milliseconds. */
const CLOSE_MS = 3000;

export type ObjectCreatedHandler = (event: unknown) => Promise<unknown>;
export type EventLog = (message: string, error?: unknown) => void;
export type EventQueue = Awaited<ReturnType<typeof openEventQueue>>;

/**
 * Delivers events to a handler as Lambda's asynchronous invocation does: at least once, two more tries after a throw,
 * then a line in `dead-letters.jsonl`. An event is a file until it is dealt with, so a killed process loses none.
 * Events wait until a handler is set; users take turns, and who waits for another try holds up nobody.
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
  const waiting = createFairQueue<{ name: string; failures: number }>();
  for (const name of found) {
    const path = join(folder, name);
    // The rest is of a process that was killed half way, before it had put the object in its place.
    if (!name.endsWith('.json') || !happened(name.slice(0, -'.json'.length))) await rm(path);
    else waiting.add(userOf(parse(await readFile(path, 'utf8'))), { name, failures: 0 });
  }
  const running = new Set<Promise<void>>();
  const atWork = new Map<string, number>();
  const paused = new Set<NodeJS.Timeout>();
  let closed = false;
  let handler: ObjectCreatedHandler | undefined;

  const pump = () => {
    if (handler === undefined || closed) return;
    while (running.size < CONCURRENCY) {
      const next = waiting.take((user) => (atWork.get(user) ?? 0) < USER_CONCURRENCY);
      if (next === undefined) return;
      start(next.lane, next.item, handler);
    }
  };

  const start = (user: string, item: { name: string; failures: number }, call: ObjectCreatedHandler) => {
    atWork.set(user, (atWork.get(user) ?? 0) + 1);
    const done = deliver(item.name, item.failures, user, call).finally(() => {
      running.delete(done);
      const left = (atWork.get(user) ?? 0) - 1;
      if (left > 0) atWork.set(user, left);
      else atWork.delete(user);
      pump();
    });
    running.add(done);
  };

  const deliver = async (name: string, failures: number, user: string, call: ObjectCreatedHandler) => {
    const path = join(folder, name);
    try {
      const event: unknown = JSON.parse(await readFile(path, 'utf8'));
      const failure = await Promise.resolve(event)
        .then(call)
        .then(
          () => undefined,
          (error: unknown) => ({ error }),
        );
      if (failure !== undefined && closed) return;
      const pause = retryMs[failures];
      if (failure !== undefined && pause !== undefined) {
        log(`the event handler threw; next try in ${pause} ms`, failure.error);
        tryAgain(name, failures + 1, user, pause);
        return;
      }
      if (failure !== undefined) await bury(name, event, failure.error);
      await rm(path, { force: true });
    } catch (error) {
      log(`event ${name} cannot be delivered`, error);
    }
  };

  const tryAgain = (name: string, failures: number, user: string, pause: number) => {
    const timer = setTimeout(() => {
      paused.delete(timer);
      waiting.add(user, { name, failures });
      pump();
    }, pause);
    paused.add(timer);
  };

  const bury = async (name: string, event: unknown, error: unknown) => {
    log(`event ${name} failed ${retryMs.length + 1} times and is now in dead-letters.jsonl`, error);
    const letter = { time: new Date().toISOString(), error: String(error), event };
    await appendFile(join(dataDir, 'dead-letters.jsonl'), `${JSON.stringify(letter)}\n`);
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
      waiting.add(userOf(event.body), { name: `${event.name}.json`, failures: 0 });
      setImmediate(pump);
    },

    /** How many events nobody has dealt with yet. */
    pending: () => waiting.size() + running.size + paused.size,

    /** What has not been dealt with comes back at the next start. */
    async close() {
      closed = true;
      for (const timer of paused) clearTimeout(timer);
      await Promise.race([Promise.all(running), sleep(CLOSE_MS, undefined, { ref: false })]);
    },
  };
}

const eventSchema = v.object({
  Records: v.tuple([v.object({ s3: v.object({ object: v.object({ key: v.string() }) }) })]),
});

/** Whose event it is: keys begin with the user. What has no key shares one turn. */
function userOf(event: unknown): string {
  const parsed = v.safeParse(eventSchema, event);
  return parsed.success ? (parsed.output.Records[0].s3.object.key.split('/')[0] ?? '') : '';
}

/** undefined for what is not JSON: its delivery says so. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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
