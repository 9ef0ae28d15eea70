import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import * as v from 'valibot';
import { openEventQueue } from '../../local/events/events.ts';
import { createFairQueue } from '../../local/events/fair-queue.ts';
import { temporaryFolder } from '../support/local-bucket.ts';

const Event = v.object({
  Records: v.tuple([v.object({ s3: v.object({ object: v.object({ key: v.string() }) }) })]),
});
const keyOf = (event: unknown) => v.parse(Event, event).Records[0].s3.object.key;
const eventOf = (key: string) => ({ Records: [{ s3: { object: { key } } }] });

/** A queue and a handler that a test ends event by event. */
async function startQueue(
  t: TestContext,
  { dataDir, retryMs = [3_600_000, 3_600_000] }: { dataDir?: string; retryMs?: number[] } = {},
) {
  const folder = dataDir ?? (await temporaryFolder(t));
  const queue = await openEventQueue(folder, () => undefined, retryMs);
  const started: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  let names = 0;
  t.after(async () => {
    const closed = queue.close();
    for (const finish of ends.values()) finish();
    await closed;
  });

  const handler = (event: unknown) =>
    new Promise<void>((resolve, reject) => {
      const key = keyOf(event);
      started.push(key);
      ends.set(key, (error) => (error ? reject(error) : resolve()));
    });

  return {
    ...queue,
    folder,
    started,
    handler,
    /** Adds events of one user, `user/0` first. */
    async addAll(user: string, count: number) {
      for (let i = 0; i < count; i++)
        await queue.add({ name: String(names++).padStart(6, '0'), body: eventOf(`${user}/${i}`) }, () =>
          Promise.resolve(),
        );
    },
    end(key: string, error?: Error) {
      const finish = ends.get(key);
      assert.ok(finish, `${key} is at work`);
      ends.delete(key);
      finish(error);
    },
    atWork: () => [...ends.keys()],
  };
}

async function until({ signal }: TestContext, condition: () => boolean) {
  while (!condition() && !signal.aborted) await new Promise(setImmediate);
}

const all = () => true;
const limit = { timeout: 120_000 };

test('a user with many events leaves room: a stranger is served while they wait', limit, async (t) => {
  const { addAll, setHandler, handler, started, atWork } = await startQueue(t);
  setHandler(handler);
  await addAll('flood', 100);
  await until(t, () => started.length === 3);
  await addAll('stranger', 1);
  await until(t, () => started.includes('stranger/0'));
  assert.deepEqual(atWork().toSorted(), ['flood/0', 'flood/1', 'flood/2', 'stranger/0']);
});

test('users take turns, each in the order of its events', limit, async (t) => {
  const { addAll, setHandler, handler, started, end } = await startQueue(t);
  for (const user of ['a', 'b', 'c', 'd']) await addAll(user, 20);
  await addAll('late', 1);
  setHandler(handler);
  await until(t, () => started.length === 10);
  const first = ['a/0', 'b/0', 'c/0', 'd/0', 'late/0', 'a/1', 'b/1', 'c/1', 'd/1', 'a/2'];
  assert.deepEqual(started.toSorted(), first.toSorted());
  for (const key of ['a/0', 'b/0', 'c/0', 'd/0']) {
    const count = started.length;
    end(key);
    await until(t, () => started.length > count);
  }
  assert.deepEqual(started.slice(10), ['b/2', 'c/2', 'd/2', 'a/3']);
});

test('events that fail hold up nobody while they wait for another try', limit, async (t) => {
  const { addAll, setHandler, handler, started, end, pending } = await startQueue(t);
  setHandler(handler);
  await addAll('broken', 30);
  for (let i = 0; i < 30; i++) {
    await until(t, () => started.includes(`broken/${i}`));
    end(`broken/${i}`, new Error('not now'));
  }
  await addAll('broken', 1);
  await until(t, () => started.length === 31);
  end('broken/0');
  await until(t, () => pending() === 30);
});

test('after a restart users take turns too, and what waited for another try is there', limit, async (t) => {
  const first = await startQueue(t);
  await first.addAll('flood', 50);
  await first.addAll('stranger', 1);
  first.setHandler(first.handler);
  await until(t, () => first.started.length === 4);
  first.end('stranger/0', new Error('not now'));
  await until(t, () => first.pending() === 51 && !first.atWork().includes('stranger/0'));
  const closed = first.close();
  for (const key of first.atWork()) first.end(key, new Error('killed'));
  await closed;
  assert.equal((await readdir(join(first.folder, 'events'))).length, 51);

  const second = await startQueue(t, { dataDir: first.folder });
  second.setHandler(second.handler);
  await until(t, () => second.started.length === 4);
  assert.deepEqual(second.started.toSorted(), ['flood/0', 'flood/1', 'flood/2', 'stranger/0']);
});

test(
  'a last try that fails while the queue closes is no dead letter: closing may be why',
  limit,
  async (t) => {
    const { addAll, setHandler, handler, close, started, end, folder } = await startQueue(t, { retryMs: [] });
    setHandler(handler);
    await addAll('ann', 1);
    await until(t, () => started.length === 1);
    const closed = close();
    end('ann/0', new Error('killed'));
    await closed;
    assert.deepEqual(await readdir(folder), ['events']);
    assert.equal((await readdir(join(folder, 'events'))).length, 1);
  },
);

test('a fair queue: lanes in turns, first in first out within each, a lane that may not go on is passed over', () => {
  const { add, take, size } = createFairQueue<{ n: number }>();
  for (const n of [1, 2, 3]) add('a', { n });
  for (const n of [4, 5]) add('b', { n });
  add('c', { n: 6 });
  assert.equal(size(), 6);
  assert.deepEqual(take(all), { lane: 'a', item: { n: 1 } });
  assert.deepEqual(take(all), { lane: 'b', item: { n: 4 } });
  assert.deepEqual(take((lane) => lane === 'a')?.item, { n: 2 });
  assert.deepEqual(
    [take(all), take(all), take(all)].map((taken) => taken?.item.n),
    [6, 5, 3],
  );
  assert.deepEqual([take(all), size()], [undefined, 0]);
});
