import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { startLabeledService } from '../support/labeled-service.ts';
import type { Findings } from '../support/rekognition.ts';

const service = await startLabeledService({ after });
const { aws, deliver, dynamo, newPost, putPhoto, rekognition, s3, shown } = service;
const unreadable = (): Findings => ({ status: 400, error: 'InvalidS3ObjectException' });
const MB_15 = 15 * 1024 * 1024;

beforeEach(() => {
  rekognition.asked.length = 0;
  rekognition.answer = () => ['Cat'];
  dynamo.decide = () => 'pass';
  s3.decide = () => 'pass';
});

describe('what Rekognition refuses for good is stored as an error', () => {
  for (const error of [
    'InvalidImageFormatException',
    'ImageTooLargeException',
    'InvalidParameterException',
  ]) {
    it(error, async () => {
      const post = await newPost();
      const key = await putPhoto(post);
      rekognition.answer = () => ({ status: 400, error });
      await deliver({ key });
      const { status, error: why, labels } = await shown(post);
      assert.deepEqual([status, labels], ['failed', undefined]);
      assert.ok(why);
      // What Rekognition says is written for the account's owner.
      assert.doesNotMatch(why, /Exception|told by the test/);
    });
  }
});

describe('a photo over 15 MB, by the size in its event,', () => {
  it('is deleted, and the error stored, without asking anybody', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    await deliver({ key, size: MB_15 + 1 });
    const { status, error, photo } = await shown(post);
    assert.deepEqual([status, photo], ['failed', undefined]);
    assert.match(error ?? '', /15 MB/);
    assert.deepEqual(await aws.keys(post.prefix), []);
    assert.deepEqual(rekognition.asked, []);
    // Once more, as S3 may.
    await deliver({ key, size: MB_15 + 1 });
    assert.equal((await shown(post)).status, 'failed');
  });

  it('replaces a smaller one before it', async () => {
    const post = await newPost();
    await deliver({ key: await putPhoto(post) });
    await deliver({ key: await putPhoto(post), size: MB_15 + 1 });
    assert.equal((await shown(post)).status, 'failed');
    assert.deepEqual(await aws.keys(post.prefix), []);
  });

  it('is not meant by exactly 15 MB', async () => {
    const post = await newPost();
    await deliver({ key: await putPhoto(post), size: MB_15 });
    assert.equal((await shown(post)).status, 'labelled');
  });
});

describe('what may pass later is thrown after the other records are done:', () => {
  const later: Record<string, Findings> = {
    ThrottlingException: { status: 400, error: 'ThrottlingException' },
    ProvisionedThroughputExceededException: {
      status: 400,
      error: 'ProvisionedThroughputExceededException',
    },
    InternalServerError: { status: 500, error: 'InternalServerError' },
    'a 503': { status: 503, error: 'ServiceUnavailable' },
    AccessDeniedException: { status: 400, error: 'AccessDeniedException' },
    'a broken connection': 'cut',
  };
  for (const [what, findings] of Object.entries(later)) {
    it(what, async () => {
      const posts = [await newPost(), await newPost(), await newPost()] as const;
      const [first, second, third] = [
        await putPhoto(posts[0]),
        await putPhoto(posts[1]),
        await putPhoto(posts[2]),
      ];
      rekognition.answer = (key) => (key === second ? findings : ['Cat']);
      await assert.rejects(deliver({ key: first }, { key: second }, { key: third }));
      assert.equal((await shown(posts[0])).status, 'labelled');
      assert.equal((await shown(posts[1])).status, 'none');
      assert.equal((await shown(posts[2])).status, 'labelled');
      assert.deepEqual(await aws.keys(posts[1].prefix), [second]);
      // Lambda tries the whole event again.
      rekognition.answer = () => ['Cat'];
      await deliver({ key: first }, { key: second }, { key: third });
      assert.equal((await shown(posts[1])).status, 'labelled');
    });
  }

  it('a table that fails', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    dynamo.decide = () => 'cut';
    await assert.rejects(deliver({ key }));
    dynamo.decide = () => 'pass';
    assert.deepEqual(await aws.keys(post.prefix), [key]);
    await deliver({ key });
    assert.equal((await shown(post)).status, 'labelled');
  });
});

describe('InvalidS3ObjectException', () => {
  it('is skipped when the photo is gone', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    await aws.remove(key);
    rekognition.answer = unreadable;
    await deliver({ key });
    assert.equal((await shown(post)).status, 'none');
  });

  it('is thrown when the photo is there: a permission or a region is wrong', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    rekognition.answer = unreadable;
    await assert.rejects(deliver({ key }));
    assert.equal((await shown(post)).status, 'none');
    assert.deepEqual(await aws.keys(post.prefix), [key]);
  });

  it('is thrown when the bucket does not say', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    rekognition.answer = unreadable;
    for (const status of [403, 500]) {
      s3.decide = ({ operation }) => (operation === 'HEAD' ? { status, body: '' } : 'pass');
      await assert.rejects(deliver({ key }));
    }
    assert.equal((await shown(post)).status, 'none');
  });
});
