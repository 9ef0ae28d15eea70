import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { gate } from '../support/fault-proxy.ts';
import { startLabeledService } from '../support/labeled-service.ts';

const service = await startLabeledService({ after });
const { aws, deliver, newPost, putPhoto, read, rekognition, user, write } = service;

beforeEach(() => {
  rekognition.asked.length = 0;
  rekognition.answer = () => ['Cat'];
});

const versionsOf = async (key: string) => (await aws.versions(key)).map(({ VersionId }) => VersionId);

describe('of many PUTs to one URL', () => {
  const COUNT = 60;

  /** Their events, in the order of the PUTs. */
  async function putMany(key: string) {
    const events = [];
    for (let n = 0; n < COUNT; n++) {
      const version = await write(key, `photo ${n}`);
      events.push({ key, version, sequencer: n.toString(16).padStart(4, '0') });
    }
    return events;
  }

  const orders: Record<string, <T>(events: T[]) => T[]> = {
    'in their order': (events) => events,
    'in the opposite order': (events) => events.toReversed(),
    'in any order, each more than once': (events) =>
      [...events, ...events].map((_, n, all) => all[(n * 37) % all.length] ?? all[0]).flatMap((e) => e ?? []),
  };
  for (const [order, arrange] of Object.entries(orders)) {
    it(`one is paid for, and the last stays: events ${order}`, async () => {
      const post = await newPost();
      const key = await putPhoto(post);
      const events = await putMany(key);
      for (const event of arrange(events)) await deliver(event);
      assert.equal(rekognition.asked.length, 1);
      assert.equal((await read(post)).text, `photo ${COUNT - 1}`);
      assert.deepEqual(await versionsOf(key), [events.at(-1)?.version]);
    });
  }

  it('one is paid for when all events come at once', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    const events = await putMany(key);
    await Promise.all(events.map((event) => deliver(event)));
    assert.equal(rekognition.asked.length, 1);
    assert.equal((await read(post)).text, `photo ${COUNT - 1}`);
    assert.deepEqual(await versionsOf(key), [events.at(-1)?.version]);
  });

  it('those that follow while one is looked at are one more', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    const looking = gate();
    rekognition.answer = async () => {
      if (rekognition.asked.length === 1) await looking.opened;
      return ['Cat'];
    };
    const first = deliver({ key, sequencer: '' });
    const events = await putMany(key);
    await Promise.all(events.map((event) => deliver(event)));
    looking.open();
    await first;
    assert.equal(rekognition.asked.length, 2);
    assert.equal((await read(post)).text, `photo ${COUNT - 1}`);
    assert.deepEqual(await versionsOf(key), [events.at(-1)?.version]);
  });

  it('none is paid for when the post is gone, and no ghost and no object is left', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    const events = await putMany(key);
    await service.deletePost(post);
    const late = await write(key, 'late');
    for (const event of [...events, { key, version: late, sequencer: 'ff' }]) await deliver(event);
    assert.deepEqual(rekognition.asked, []);
    assert.equal(await aws.item(user, post.id), undefined);
    assert.deepEqual(await aws.keys(post.prefix), []);
  });

  it('all are deleted with their post, and with it what was hidden under a delete marker', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    await putMany(key);
    await aws.hide(key);
    await aws.hide(`${post.prefix}never was`);
    assert.equal((await aws.keys(post.prefix)).length, COUNT + 3);
    assert.equal((await service.deletePost(post)).status, 200);
    assert.deepEqual(await aws.keys(post.prefix), []);
  });
});

it('more older versions are deleted than S3 lists or deletes in one call, and not a newer one', async () => {
  const post = await newPost();
  const old = await putPhoto(post, 'old.jpg');
  for (let n = 0; n < 1_050; n += 50) await Promise.all(Array.from({ length: 50 }, () => write(old, 'x')));
  const key = await putPhoto(post, 'new.jpg');
  for (let n = 0; n < 1_000; n += 50) await Promise.all(Array.from({ length: 50 }, () => write(key, 'x')));
  const version = await write(key, 'the one');
  let newer: string | undefined;
  rekognition.answer = async () => {
    newer = await write(key, 'newer');
    return ['Cat'];
  };
  await deliver({ key, version });
  assert.deepEqual(await versionsOf(post.prefix), [newer, version]);
});
