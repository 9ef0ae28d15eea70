import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { startLabeledService } from '../support/labeled-service.ts';

const service = await startLabeledService({ after });
const { aws, deliver, dynamo, newPost, putPhoto, rekognition, s3, shown, write } = service;

beforeEach(() => {
  rekognition.answer = (key) => [key.endsWith('new.jpg') ? 'New' : 'Old'];
  s3.decide = () => 'pass';
  dynamo.decide = () => 'pass';
});

const MB_16 = 16 * 1024 * 1024;
const REFUSED = { status: 400, error: 'InvalidImageFormatException' };

describe('of two photos the one signed later stays', () => {
  for (const order of [
    ['old', 'new'],
    ['new', 'old'],
    ['old', 'new', 'old', 'new', 'old'],
    ['new', 'old', 'old', 'new'],
  ]) {
    it(`when they come as ${order.join(', ')}`, async () => {
      const post = await newPost();
      const keys = new Map([
        ['old', await putPhoto(post, 'old.jpg')],
        ['new', await putPhoto(post, 'new.jpg')],
      ]);
      for (const name of order) await deliver({ key: keys.get(name) ?? '' });
      const photo = keys.get('new');
      assert.deepEqual(await shown(post), { labels: ['New'], status: 'labelled', error: undefined, photo });
      assert.deepEqual(await aws.keys(post.prefix), [photo]);
    });
  }

  it('when both come in one event, or at once', async () => {
    for (const together of [true, false]) {
      const post = await newPost();
      const [old, photo] = [await putPhoto(post, 'old.jpg'), await putPhoto(post, 'new.jpg')];
      if (together) await deliver({ key: photo }, { key: old });
      else await Promise.all([deliver({ key: old }), deliver({ key: photo }), deliver({ key: old })]);
      assert.deepEqual((await shown(post)).labels, ['New']);
      assert.deepEqual(await aws.keys(post.prefix), [photo]);
    }
  });

  it('even if it is refused: the error replaces the labels', async () => {
    const post = await newPost();
    await deliver({ key: await putPhoto(post, 'old.jpg') });
    rekognition.answer = () => REFUSED;
    await deliver({ key: await putPhoto(post, 'new.jpg') });
    const { labels, status, error, photo } = await shown(post);
    assert.deepEqual([labels, status, photo], [undefined, 'failed', undefined]);
    assert.match(error ?? '', /JPEG or PNG/);
    assert.deepEqual(await aws.keys(post.prefix), []);
  });

  it('after a refused one: its labels replace the error', async () => {
    const post = await newPost();
    rekognition.answer = () => REFUSED;
    const old = await putPhoto(post, 'old.jpg');
    await deliver({ key: old });
    rekognition.answer = () => ['New'];
    const photo = await putPhoto(post, 'new.jpg');
    await deliver({ key: photo });
    assert.deepEqual(await shown(post), { labels: ['New'], status: 'labelled', error: undefined, photo });
    rekognition.answer = () => REFUSED;
    await deliver({ key: old });
    assert.deepEqual(await shown(post), { labels: ['New'], status: 'labelled', error: undefined, photo });
  });

  it('which is read consistently before an older photo is deleted', async () => {
    const post = await newPost();
    const [old, photo] = [await putPhoto(post, 'old.jpg'), await putPhoto(post, 'new.jpg')];
    await deliver({ key: photo });
    const read: string[] = [];
    dynamo.decide = ({ operation, body }) => {
      if (operation !== 'UpdateItem') read.push(body);
      return 'pass';
    };
    await deliver({ key: old });
    assert.equal(read.length, 1);
    assert.ok(read.every((body) => body.includes('"ConsistentRead":true')));
  });

  it('and the photos of other posts stay where they are', async () => {
    const [other, post] = [await newPost(), await newPost()];
    const kept = await putPhoto(other, 'old.jpg');
    await deliver({ key: await putPhoto(post, 'new.jpg') });
    assert.deepEqual(await aws.keys(other.prefix), [kept]);
  });

  it('leaves a later photo alone that nobody has labelled yet', async () => {
    const post = await newPost();
    const [old, later] = [await putPhoto(post, 'old.jpg'), await putPhoto(post, 'new.jpg')];
    await deliver({ key: old });
    assert.deepEqual(await aws.keys(post.prefix), [old, later]);
  });
});

describe('of two writes of one key the larger sequencer stays', () => {
  // [stored, delivered, whether the second is accepted]: compared as if both ended in zeros for ever.
  const rows: [string, string, boolean][] = [
    ['0055AED6DCD90281E5', '0055AED6DCD90281E6', true],
    ['0055AED6DCD90281E5', '0055AED6DCD90281E5', true],
    ['0055AED6DCD90281E6', '0055AED6DCD90281E5', false],
    ['0055AED6DCD90281E5', '0055AED6DCD90281E501', true],
    ['0055AED6DCD90281E501', '0055AED6DCD90281E5', false],
    ['0055AED6DCD90281E5', '0055AED6DCD90281E500', true],
    ['0055AED6DCD90281E500', '0055AED6DCD90281E5', true],
    ['0055AED6DCD90281E6', '0055AED6DCD90281E5FFFFFF', false],
    ['0055AED6DCD90281E5FFFFFF', '0055AED6DCD90281E6', true],
    ['00FFFFFFFFFFFFFFFF0000000000000001', '00FFFFFFFFFFFFFFFF', false],
  ];
  for (const [stored, delivered, accepted] of rows) {
    it(`${delivered} after ${stored} is ${accepted ? 'accepted' : 'refused'}`, async () => {
      const post = await newPost();
      const key = await putPhoto(post);
      const first = (await aws.versions(key))[0]?.VersionId;
      rekognition.answer = () => ['First'];
      await deliver({ key, sequencer: stored });
      rekognition.answer = () => ['Second'];
      const second = await write(key);
      await deliver({ key, sequencer: delivered });
      assert.deepEqual((await shown(post)).labels, [accepted ? 'Second' : 'First']);
      const left = (await aws.versions(key)).map(({ VersionId }) => VersionId);
      assert.deepEqual(left, [accepted ? second : first]);
    });
  }

  it('also when the smaller one was too large: what replaced it is not deleted', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    const version = (await aws.versions(key))[0]?.VersionId;
    await write(key);
    await deliver({ key, sequencer: '02' });
    await deliver({ key, version, sequencer: '01', size: MB_16 });
    assert.deepEqual((await shown(post)).labels, ['Old']);
    assert.deepEqual(await aws.keys(post.prefix), [key]);
  });

  it('in a bucket that keeps no versions nothing is deleted of the key that both have', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    await deliver({ key, sequencer: '02' });
    const asked: string[] = [];
    s3.decide = ({ operation }) => {
      asked.push(operation);
      return 'pass';
    };
    for (const size of [1000, MB_16]) await deliver({ key, version: undefined, sequencer: '01', size });
    assert.ok(!asked.includes('POST'), 'no DeleteObjects');
    assert.deepEqual((await shown(post)).labels, ['Old']);
    assert.deepEqual(await aws.keys(post.prefix), [key]);
  });
});

/** Lists and deletes: what comes after the update. */
const cutTidying = ({ operation, url }: { operation: string; url: string }) =>
  operation === 'POST' || /[?&](versions|list-type)/.test(url) ? 'cut' : 'pass';

describe('a try that ends between the table and the bucket', () => {
  it('is finished by the next one', async () => {
    const post = await newPost();
    const [old, key] = [await putPhoto(post, 'old.jpg'), await putPhoto(post, 'new.jpg')];
    await deliver({ key: old });
    s3.decide = cutTidying;
    await assert.rejects(deliver({ key }));
    assert.deepEqual((await shown(post)).labels, ['New']);
    assert.equal((await aws.keys(post.prefix)).length, 2);
    s3.decide = () => 'pass';
    const paid = rekognition.asked.length;
    await deliver({ key });
    assert.deepEqual(await aws.keys(post.prefix), [key]);
    assert.equal(rekognition.asked.length, paid, 'what was stored is not asked for again');
  });

  it('is finished by the next one when the photo was refused', async () => {
    const post = await newPost();
    const [old, key] = [await putPhoto(post, 'old.jpg'), await putPhoto(post, 'new.jpg')];
    rekognition.answer = () => REFUSED;
    s3.decide = cutTidying;
    await assert.rejects(deliver({ key }));
    assert.equal((await shown(post)).status, 'failed');
    assert.deepEqual(await aws.keys(post.prefix), [old, key]);
    s3.decide = () => 'pass';
    await deliver({ key });
    assert.deepEqual(await aws.keys(post.prefix), []);
  });

  it('is finished by the next one when the photo was too large or obsolete', async () => {
    const post = await newPost();
    const [old, key] = [await putPhoto(post, 'old.jpg'), await putPhoto(post, 'new.jpg')];
    for (const photo of [{ key, size: MB_16 }, { key: old }]) {
      s3.decide = cutTidying;
      await assert.rejects(deliver(photo));
      s3.decide = () => 'pass';
      await deliver(photo);
    }
    assert.equal((await shown(post)).status, 'failed');
    assert.deepEqual(await aws.keys(post.prefix), []);
  });
});
