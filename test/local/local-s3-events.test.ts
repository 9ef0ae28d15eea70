import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { localDefaults } from '../../local/settings.ts';
import { Bucket, put, startBucket } from '../support/local-bucket.ts';

const Event = v.object({
  Records: v.tuple([
    v.object({
      eventVersion: v.string(),
      eventSource: v.literal('aws:s3'),
      awsRegion: v.literal(localDefaults.region),
      eventTime: v.pipe(v.string(), v.isoTimestamp()),
      eventName: v.literal('ObjectCreated:Put'),
      s3: v.object({
        bucket: v.object({ name: v.literal(Bucket), arn: v.literal(`arn:aws:s3:::${Bucket}`) }),
        object: v.object({
          key: v.string(),
          size: v.number(),
          eTag: v.string(),
          sequencer: v.pipe(v.string(), v.regex(/^[0-9A-F]{18}$/)),
        }),
      }),
    }),
  ]),
});

const objectOf = (event: unknown) => v.parse(Event, event).Records[0].s3.object;

/** Resolves once `count` events have come; `respond` may throw, as a handler may. */
function collect(
  count: number,
  respond: (object: ReturnType<typeof objectOf>, nth: number) => void = () => {},
) {
  const events: ReturnType<typeof objectOf>[] = [];
  const { promise, resolve } = deferred();
  const handler = async (event: unknown) => {
    const object = objectOf(event);
    events.push(object);
    if (events.length === count) resolve();
    respond(object, events.length);
  };
  return { handler, events, done: promise };
}

function deferred() {
  const settled = new EventEmitter();
  return { promise: once(settled, 'done'), resolve: () => void settled.emit('done') };
}

async function until(condition: () => boolean | Promise<boolean>) {
  while (!(await condition())) await new Promise(setImmediate);
}

test(
  'each PUT becomes an event in the shape of S3, its key encoded as S3 does',
  { timeout: 120_000 },
  async (t) => {
    const { client, onObjectCreated } = await startBucket(t);
    const { handler, events, done } = collect(3);
    onObjectCreated(handler);
    const keys = ['Rémi Ł/1/a b+c#é.jpg', "x/y/(it's) 100% ~*.png", 'plain/1/photo-1_2.jpg'];
    const etags = [];
    for (const Key of keys) {
      const { ETag } = await client.send(new PutObjectCommand({ Bucket, Key, Body: 'hello' }));
      etags.push(ETag?.replaceAll('"', ''));
    }
    await done;
    events.sort((a, b) => (a.sequencer < b.sequencer ? -1 : 1));
    assert.equal(events[0]?.key, 'R%C3%A9mi+%C5%81/1/a+b%2Bc%23%C3%A9.jpg');
    assert.equal(events[2]?.key, 'plain/1/photo-1_2.jpg');
    assert.deepEqual(
      events.map(({ key }) => decodeURIComponent(key.replaceAll('+', ' '))),
      keys,
    );
    assert.deepEqual(
      events.map(({ eTag, size }) => [eTag, size]),
      etags.map((etag) => [etag, 5]),
    );
  },
);

test('the sequencer of a key grows, also over a restart', { timeout: 120_000 }, async (t) => {
  const first = await startBucket(t);
  const one = collect(20);
  first.onObjectCreated(one.handler);
  for (let n = 0; n < 20; n++) await put(first.client, 'k', String(n));
  await one.done;
  await first.close();
  const second = await startBucket(t, { dataDir: first.dataDir });
  const two = collect(1);
  second.onObjectCreated(two.handler);
  await put(second.client, 'k');
  await two.done;
  const before = one.events.map(({ sequencer }) => sequencer).toSorted();
  assert.equal(new Set(before).size, 20);
  assert.ok(String(two.events[0]?.sequencer) > String(before.at(-1)));
});

test('a handler that throws is called again', { timeout: 120_000 }, async (t) => {
  const { client, onObjectCreated, log, pendingEvents, dataDir } = await startBucket(t);
  const { handler, events, done } = collect(3, (_object, nth) => {
    if (nth < 3) throw new Error('not now');
  });
  onObjectCreated(handler);
  await put(client, 'k');
  await done;
  await until(() => pendingEvents() === 0);
  assert.equal(new Set(events.map(({ sequencer }) => sequencer)).size, 1);
  assert.equal(log.length, 2);
  assert.ok(!(await readdir(dataDir)).includes('dead-letters.jsonl'));
});

test('after the third throw an event is a dead letter, and logged', { timeout: 120_000 }, async (t) => {
  const { client, onObjectCreated, log, dataDir, pendingEvents } = await startBucket(t);
  const { handler, events } = collect(3, () => {
    throw new Error('never');
  });
  onObjectCreated(handler);
  await put(client, 'a key');
  await until(() => pendingEvents() === 0);
  assert.equal(events.length, 3);
  const [line, ...rest] = (await readFile(join(dataDir, 'dead-letters.jsonl'), 'utf8')).trim().split('\n');
  assert.deepEqual(rest, []);
  const letter = v.parse(v.object({ error: v.string(), event: v.unknown() }), JSON.parse(line ?? ''));
  assert.match(letter.error, /never/);
  assert.equal(objectOf(letter.event).key, 'a+key');
  assert.match(log.at(-1) ?? '', /dead-letters/);
  assert.deepEqual(await readdir(join(dataDir, 'events')), []);
});

test('an event that nobody has dealt with comes back after a restart', { timeout: 120_000 }, async (t) => {
  const first = await startBucket(t);
  await put(first.client, 'nobody listened');
  await first.close();

  const second = await startBucket(t, { dataDir: first.dataDir, retryMs: [60_000, 60_000] });
  const failing = collect(1, () => {
    throw new Error('stopped before the next try');
  });
  second.onObjectCreated(failing.handler);
  await failing.done;
  await second.close();

  const third = await startBucket(t, { dataDir: first.dataDir });
  const { handler, events, done } = collect(1);
  third.onObjectCreated(handler);
  await done;
  assert.equal(events[0]?.key, 'nobody+listened');
  await until(() => third.pendingEvents() === 0);
  assert.deepEqual(await readdir(join(first.dataDir, 'events')), []);
});

test('close waits for a handler at work', { timeout: 120_000 }, async (t) => {
  const bucket = await startBucket(t);
  const started = deferred();
  const finish = deferred();
  let finished = false;
  bucket.onObjectCreated(async () => {
    started.resolve();
    await finish.promise;
    finished = true;
  });
  await put(bucket.client, 'k');
  await started.promise;
  const closed = bucket.close();
  finish.resolve();
  await closed;
  assert.ok(finished);
});
