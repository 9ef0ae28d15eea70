import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { gate, type Passing, type Verdict } from '../support/fault-proxy.ts';
import { startLabeledService } from '../support/labeled-service.ts';
import { postIn, problemIn } from '../support/shapes.ts';

const service = await startLabeledService({ after });
const { aws, call, deliver, dynamo, header, newPost, putPhoto, rekognition, shown, user, write } = service;

beforeEach(() => {
  rekognition.answer = () => ['Cat'];
  dynamo.decide = () => 'pass';
});

async function labelledPost() {
  const post = await newPost();
  const key = await putPhoto(post);
  await deliver({ key, sequencer: '01' });
  return { ...post, key };
}

const edit = (post: { path: string }, labels: string[]) =>
  call('PATCH', post.path, { ...header, body: { labels } });
const edited = async (post: { path: string }, labels: string[]) => postIn(await edit(post, labels)).labels;

/** Holds back what the labeler asks of the table by this operation, until the gate opens. */
function hold(wanted: string) {
  const { opened, open } = gate();
  const reached = gate();
  dynamo.decide = async ({ operation }: Passing): Promise<Verdict> => {
    if (operation !== wanted) return 'pass';
    reached.open();
    await opened;
    return 'pass';
  };
  return { reached: reached.opened, open };
}

describe('labels', () => {
  it('are trimmed, each once whatever its case, in the order in which they were sent', async () => {
    const post = await labelledPost();
    const sent = [' Tabby ', 'cat', 'CAT', 'tabby', 'Café', 'Cafe\u0301', '日本'];
    assert.deepEqual(await edited(post, sent), ['Tabby', 'cat', 'Café', '日本']);
    assert.deepEqual((await shown(post)).labels, ['Tabby', 'cat', 'Café', '日本']);
  });

  it('may be as many and as long as there may be, and none', async () => {
    const post = await labelledPost();
    const labels = Array.from({ length: 20 }, (_, n) => '🐈'.repeat(48) + String(n).padStart(2, '0'));
    assert.deepEqual(await edited(post, labels), labels);
    assert.deepEqual(await edited(post, []), []);
    const { labels: none, status, photo } = await shown(post);
    assert.deepEqual([none, status, photo], [[], 'labelled', post.key]);
  });

  it('are answered with the photo and all its renditions', async () => {
    const post = await labelledPost();
    const { image, thumbnails, labels, label } = postIn(await edit(post, ['Tabby']));
    assert.ok(image);
    assert.equal(thumbnails?.length, 1);
    assert.deepEqual([labels, label], [['Tabby'], ['Tabby']]);
  });
});

describe('labels that were written by hand stay', () => {
  it('when the event comes again, in part or with other findings', async () => {
    const post = await labelledPost();
    await edited(post, ['Tabby']);
    rekognition.answer = () => ['Dog'];
    await deliver({ key: post.key, sequencer: '01' });
    assert.deepEqual((await shown(post)).labels, ['Tabby']);
  });

  it('when the labeler has looked before they were written, and stores after', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    // The second run finds nothing stored yet, so that it looks and stores as the first does.
    const held = hold('UpdateItem');
    const runs = [deliver({ key, sequencer: '01' })];
    await held.reached;
    dynamo.decide = () => 'pass';
    await deliver({ key, sequencer: '01' });
    assert.deepEqual(await edited(post, ['Tabby']), ['Tabby']);
    held.open();
    await Promise.all(runs);
    assert.deepEqual((await shown(post)).labels, ['Tabby']);
    assert.deepEqual((await aws.item(user, post.id))?.labels?.L, [{ S: 'Cat' }], 'beside what was found');
  });

  it('when everything comes at once', async () => {
    for (let round = 0; round < 5; round++) {
      const post = await labelledPost();
      const again = () => deliver({ key: post.key, sequencer: '01' });
      const [, , answer] = await Promise.all([again(), again(), edit(post, ['Tabby']), again(), again()]);
      assert.deepEqual(postIn(answer).labels, ['Tabby']);
      assert.deepEqual((await shown(post)).labels, ['Tabby']);
    }
  });

  it('when renditions are made of a photo from before there were any', async () => {
    const post = await labelledPost();
    await aws.forget(user, post.id, 'width', 'height', 'thumbhash');
    assert.deepEqual(await edited(post, ['Tabby']), ['Tabby']);
    await deliver({ key: post.key, sequencer: '01' });
    const { labels, photo } = await shown(post);
    assert.deepEqual([labels, photo], [['Tabby'], post.key]);
  });

  it('when words of the post are changed, and with them', async () => {
    const post = await labelledPost();
    await edited(post, ['Tabby']);
    const body = { title: 'now' };
    assert.deepEqual(postIn(await call('PATCH', post.path, { ...header, body })).labels, ['Tabby']);
    const both = { title: 'then', labels: ['Mouser'], alt: 'a cat' };
    const { title, labels, alt } = postIn(await call('PATCH', post.path, { ...header, body: both }));
    assert.deepEqual({ title, labels, alt }, both);
  });
});

describe('another photo brings its own labels', () => {
  it('when it is signed later', async () => {
    const post = await labelledPost();
    await edited(post, ['Tabby']);
    rekognition.answer = () => ['Dog'];
    const key = await putPhoto(post);
    await deliver({ key });
    assert.deepEqual((await shown(post)).labels, ['Dog']);
    assert.deepEqual(await edited(post, ['Poodle']), ['Poodle']);
    await deliver({ key: post.key, sequencer: '01' });
    assert.deepEqual((await shown(post)).labels, ['Poodle']);
  });

  it('when it was uploaded to the same address', async () => {
    const post = await labelledPost();
    await edited(post, ['Tabby']);
    rekognition.answer = () => ['Dog'];
    await write(post.key, 'another photo');
    await deliver({ key: post.key, sequencer: '02' });
    assert.deepEqual((await shown(post)).labels, ['Dog']);
  });

  it('also when it is stored right after the old labels were written', async () => {
    const post = await labelledPost();
    rekognition.answer = () => ['Dog'];
    const held = hold('UpdateItem');
    const run = deliver({ key: await putPhoto(post) });
    await held.reached;
    assert.deepEqual(await edited(post, ['Tabby']), ['Tabby']);
    held.open();
    await run;
    assert.deepEqual((await shown(post)).labels, ['Dog']);
  });

  it('and one that is refused has none, and none can be written', async () => {
    const post = await labelledPost();
    await edited(post, ['Tabby']);
    rekognition.answer = () => ({ status: 400, error: 'InvalidImageFormatException' });
    await deliver({ key: await putPhoto(post) });
    const { labels, status } = await shown(post);
    assert.deepEqual([labels, status], [undefined, 'failed']);
    problemIn(await edit(post, ['Tabby']), 409);
  });
});

it('labels go with a photo that another run of the same event refuses after all', async () => {
  const post = await newPost();
  const key = await putPhoto(post);
  const held = hold('UpdateItem');
  rekognition.answer = () => ({ status: 400, error: 'InvalidImageFormatException' });
  const refusing = deliver({ key });
  await held.reached;
  dynamo.decide = () => 'pass';
  rekognition.answer = () => ['Cat'];
  await deliver({ key });
  assert.deepEqual(await edited(post, ['Tabby']), ['Tabby']);
  held.open();
  await refusing;
  const { labels, status } = await shown(post);
  assert.deepEqual([labels, status], [undefined, 'failed']);
});

it('a change of a post that is deleted meanwhile raises no ghost', async () => {
  const post = await labelledPost();
  await service.deletePost(post);
  for (const body of [{ labels: ['Tabby'] }, { title: 'back' }])
    problemIn(await call('PATCH', post.path, { ...header, body }), 404);
  assert.equal(await aws.item(user, post.id), undefined);
});
