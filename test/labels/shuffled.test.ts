import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { parseImageKey, renditionFolder } from '../../src/posts/post.ts';
import type { Verdict } from '../support/fault-proxy.ts';
import { startLabeledService } from '../support/labeled-service.ts';

const service = await startLabeledService({ after });
const { aws, colours, deliver, dynamo, newPost, putPhoto, read, rekognition, s3, shown, user, write } =
  service;

/** Of a linear congruence: the same numbers at each run. */
function numbers(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Event = { key: string; version: string; sequencer: string; text: string; refused: boolean };
type Post = Awaited<ReturnType<typeof newPost>> & { events: Event[]; isDeleted: boolean; isBare: boolean };

const DELIVERIES = 500;
const POSTS = 24;

/** Photos of a post, under one key or several, the last one of each key being the newest. */
async function fill(post: Post, random: (below: number) => number): Promise<void> {
  for (let keys = 1 + random(3); keys > 0; keys--) {
    const key = await putPhoto(post);
    for (let nth = 0, writes = 1 + random(3); nth < writes; nth++) {
      const text = `${post.id} ${post.events.length}`;
      const version = await write(key, text);
      post.events.push({ key, version, sequencer: `0${nth + 1}`, text, refused: random(8) === 0 });
    }
  }
}

it(`of ${DELIVERIES} shuffled, repeated and interrupted events, with deletes and removals among them, no object is left over, no photo is wrong, each is found by its label, and there is no ghost`, async () => {
  const random = numbers(20_261_128);
  const posts: Post[] = [];
  while (posts.length < POSTS) {
    const post = { ...(await newPost()), events: [], isDeleted: false, isBare: false };
    await fill(post, random);
    posts.push(post);
  }
  const byVersion = new Map(posts.flatMap(({ events }) => events.map((event) => [event.version, event])));
  rekognition.answer = (_key, version) => {
    const event = byVersion.get(version ?? '');
    return event?.refused
      ? { status: 400, error: 'InvalidImageFormatException' }
      : [event?.text ?? 'of nobody'];
  };

  // Each event at least once, the others as chance has it.
  const all = posts.flatMap((post) => post.events.map((event) => ({ post, event })));
  const queue = [...all];
  while (queue.length < DELIVERIES) queue.push(all[random(all.length)] ?? assert.fail());
  for (let i = queue.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [queue[i], queue[j]] = [queue[j] ?? assert.fail(), queue[i] ?? assert.fail()];
  }

  // A third of the batches lose table and buckets after some requests, as if the function had been killed there, and what was not
  // done by then is called again later.
  let interrupted = 0;
  while (queue.length > 0) {
    let left = random(3) === 0 ? random(30) : Infinity;
    const decide = (): Verdict => (left-- > 0 ? 'pass' : 'cut');
    s3.decide = decide;
    dynamo.decide = decide;
    const batch = queue.splice(0, 1 + random(6));
    const tries = batch.map(async ({ post, event: { text: _text, refused: _refused, ...photo } }) => {
      try {
        await deliver(photo);
      } catch {
        interrupted++;
        queue.push({ post, event: byVersion.get(photo.version) ?? assert.fail() });
      }
    });
    const doomed = random(12) === 0 ? posts[random(posts.length)] : undefined;
    if (doomed && posts.filter(({ isDeleted }) => isDeleted).length < POSTS / 2) {
      doomed.isDeleted = true;
      await service.deletePost(doomed);
    }
    const stripped = random(12) === 0 ? posts[random(posts.length)] : undefined;
    if (stripped && !stripped.isDeleted && posts.filter(({ isBare }) => isBare).length < POSTS / 3) {
      stripped.isBare = true;
      await service.removePhoto(stripped);
    }
    await Promise.all(tries);
  }
  s3.decide = () => 'pass';
  dynamo.decide = () => 'pass';
  assert.ok(interrupted > 20, `${interrupted} interrupted`);
  assert.ok(posts.some(({ isDeleted }) => isDeleted));
  assert.ok(posts.some(({ isDeleted, isBare }) => isBare && !isDeleted));

  for (const post of posts) {
    const item = await aws.item(user, post.id);
    const [keys, pixels] = [await aws.keys(post.prefix), await aws.renditions(post.prefix)];
    const newest = post.events.toSorted((a, b) => (a.key + a.sequencer < b.key + b.sequencer ? 1 : -1))[0];
    assert.ok(newest);
    for (const { text } of post.events)
      if (text !== newest.text) assert.deepEqual(await service.labelled(text), []);
    if (post.isDeleted) {
      assert.deepEqual([item, keys, pixels], [undefined, [], []]);
      continue;
    }
    const { status, labels } = await shown(post);
    if (post.isBare) {
      assert.deepEqual([status, labels, keys, pixels], ['none', undefined, [], []]);
      continue;
    }
    if (newest.refused) {
      assert.deepEqual([status, labels, keys, pixels], ['failed', undefined, [], []]);
      continue;
    }
    assert.deepEqual([status, labels], ['labelled', [newest.text]]);
    assert.deepEqual(await service.labelled(newest.text), [post.id]);
    assert.equal((await read(post)).text, newest.text);
    assert.deepEqual(keys, [newest.key]);
    const photo = parseImageKey(newest.key);
    assert.ok(photo);
    assert.deepEqual(pixels, [`${renditionFolder(user, post.id, photo.photoId, newest.sequencer)}8.webp`]);
    assert.equal(await colours.textOf(await aws.rendition(pixels[0] ?? '')), newest.text);
  }
  assert.equal(await aws.countItems(), posts.filter(({ isDeleted }) => !isDeleted).length);
});
