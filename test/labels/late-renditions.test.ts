import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { gate, type Passing, type Verdict } from '../support/fault-proxy.ts';
import { startLabeledService } from '../support/labeled-service.ts';

const service = await startLabeledService({ after });
const { aws, deliver, newPost, putPhoto, read, rekognition, s3, shown, user, write } = service;

beforeEach(() => {
  rekognition.answer = () => ['Cat'];
  s3.decide = () => 'pass';
});

/** Holds back what is put of renditions until the gate opens, as long as it is asked to. */
function holdPixels() {
  const { opened, open } = gate();
  const reached = gate();
  let isHeld = true;
  s3.decide = async ({ operation }: Passing): Promise<Verdict> => {
    if (operation !== 'PUT' || !isHeld) return 'pass';
    reached.open();
    await opened;
    return 'pass';
  };
  return { reached: reached.opened, open, letOthersPass: () => (isHeld = false) };
}

describe('renditions that come late leave no object and no wrong photo', () => {
  it('when a newer photo was published meanwhile', async () => {
    const post = await newPost();
    const old = await putPhoto(post);
    const held = holdPixels();
    const late = deliver({ key: old });
    await held.reached;
    held.letOthersPass();
    const key = await putPhoto(post);
    await write(key, 'the newer photo');
    await deliver({ key });
    const published = await aws.renditions(post.prefix);
    held.open();
    await late;
    assert.equal((await read(post)).text, 'the newer photo');
    assert.deepEqual(await aws.renditions(post.prefix), published);
    assert.deepEqual(await aws.keys(post.prefix), [key]);
  });

  it('when the same key was written once more, and that was published meanwhile', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    const held = holdPixels();
    const late = deliver({ key, sequencer: '01' });
    await held.reached;
    held.letOthersPass();
    await write(key, 'written later');
    await deliver({ key, sequencer: '02' });
    const published = await aws.renditions(post.prefix);
    held.open();
    await late;
    assert.equal((await read(post)).text, 'written later');
    assert.deepEqual(await aws.renditions(post.prefix), published);
  });

  it('when the post was deleted meanwhile', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    const held = holdPixels();
    const late = deliver({ key });
    await held.reached;
    await service.deletePost(post);
    held.open();
    await late;
    assert.equal(await aws.item(user, post.id), undefined);
    assert.deepEqual([await aws.keys(post.prefix), await aws.renditions(post.prefix)], [[], []]);
  });

  it('when the same write was refused meanwhile: it stays refused', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    const held = holdPixels();
    const late = deliver({ key });
    await held.reached;
    rekognition.answer = () => ({ status: 400, error: 'InvalidImageFormatException' });
    await deliver({ key });
    held.open();
    await late;
    assert.equal((await shown(post)).status, 'failed');
    assert.deepEqual([await aws.keys(post.prefix), await aws.renditions(post.prefix)], [[], []]);
  });
});

it('nothing is published before its pixels are there', async () => {
  const post = await newPost();
  const key = await putPhoto(post);
  const held = holdPixels();
  const run = deliver({ key });
  await held.reached;
  assert.equal((await shown(post)).status, 'none');
  held.open();
  await run;
  assert.deepEqual([(await shown(post)).status, (await read(post)).status], ['labelled', 200]);
});
