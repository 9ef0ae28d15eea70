import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, beforeEach, describe, it } from 'node:test';
import { startLabeledService } from '../support/labeled-service.ts';

const service = await startLabeledService({ after });
const { aws, deliver, handler, newPost, putPhoto, record, rekognition, shown, user } = service;

beforeEach(() => {
  rekognition.asked.length = 0;
  rekognition.answer = () => ['Cat'];
});

describe('an event', () => {
  it('labels the photo of a post, asking for 5 labels of at least 75 percent', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    assert.deepEqual(await shown(post), {
      labels: undefined,
      status: 'none',
      error: undefined,
      photo: undefined,
    });
    rekognition.answer = () => ['Cat', 'Pet'];
    await deliver({ key });
    const version = (await aws.versions(post.prefix))[0]?.VersionId;
    assert.ok(version);
    assert.deepEqual(await shown(post), {
      labels: ['Cat', 'Pet'],
      status: 'labelled',
      error: undefined,
      photo: key,
    });
    assert.deepEqual(rekognition.asked, [
      {
        Image: { S3Object: { Bucket: 'postagram-local', Name: key, Version: version } },
        MaxLabels: 5,
        MinConfidence: 75,
      },
    ]);
    assert.deepEqual(await aws.keys(post.prefix), [key]);
  });

  it('labels a photo in which nothing is found with an empty list', async () => {
    const post = await newPost();
    rekognition.answer = () => [];
    await deliver({ key: await putPhoto(post) });
    assert.deepEqual((await shown(post)).labels, []);
    assert.equal((await shown(post)).status, 'labelled');
  });

  it('that comes twice, also at once, changes nothing', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    await Promise.all([deliver({ key }), deliver({ key }), deliver({ key }, { key })]);
    const first = await aws.item(user, post.id);
    await deliver({ key });
    assert.deepEqual(await aws.item(user, post.id), first);
    assert.deepEqual((await shown(post)).labels, ['Cat']);
    assert.deepEqual(await aws.keys(post.prefix), [key]);
  });

  it('is read as S3 encodes its key', async () => {
    const post = await newPost();
    const name = `x+y z%20&é"'()*~.jpg`;
    const key = await putPhoto(post, name);
    const encoded = key
      .replaceAll('%', '%25')
      .replaceAll('+', '%2B')
      .replaceAll(' ', '+')
      .replaceAll('&', '%26')
      .replaceAll('é', '%C3%A9')
      .replaceAll('ë', '%C3%AB')
      .replaceAll('ü', '%C3%BC');
    const good = record({ key });
    good.s3.object.key = encoded;
    await handler({ Records: [good] });
    assert.equal((await shown(post)).photo, key);
  });

  for (const eventName of [
    'ObjectCreated:Post',
    'ObjectCreated:CompleteMultipartUpload',
    'ObjectCreated:Copy',
  ]) {
    it(`of the kind ${eventName} is one`, async () => {
      const post = await newPost();
      await deliver({ key: await putPhoto(post), eventName });
      assert.equal((await shown(post)).status, 'labelled');
    });
  }
});

describe('what is no event of a photo is skipped', () => {
  const uuid = randomUUID();
  const key = `${user}/${uuid}/0190f0f0-0000-7000-8000-000000000000cat.jpg`;
  const events: Record<string, unknown> = {
    nothing: undefined,
    null: null,
    'a text': 'event',
    'a list': [],
    'no records': {},
    'an empty list of records': { Records: [] },
    'records that are no list': { Records: { s3: {} } },
    "S3's test event": {
      Service: 'Amazon S3',
      Event: 's3:TestEvent',
      Time: '2026-01-01T00:00:00.000Z',
      Bucket: 'postagram-local',
    },
    'an event of EventBridge': { 'detail-type': 'Object Created', detail: { object: { key } } },
  };
  for (const [what, event] of Object.entries(events)) {
    it(what, async () => {
      await handler(event);
      assert.deepEqual(rekognition.asked, []);
    });
  }

  const keyless = record({ key });
  const records: Record<string, unknown> = {
    null: null,
    'a text': 'x',
    'an empty one': {},
    'one of SNS': { EventSource: 'aws:sns', Sns: { Message: '{}' } },
    'one of DynamoDB': { eventSource: 'aws:dynamodb', eventName: 'INSERT', dynamodb: {} },
    'one of a removed object': record({ key, eventName: 'ObjectRemoved:Delete' }),
    'one of an expired object': record({ key, eventName: 'LifecycleExpiration:Delete' }),
    'a key of one segment': record({ key: 'cat.jpg' }),
    'a key of two segments': record({ key: `${user}/${uuid}` }),
    'a key of four segments': record({ key: `${key}/x` }),
    'a key without a user': record({ key: `/${uuid}/${uuid}cat.jpg` }),
    'a key whose post is no uuid': record({ key: `${user}/cat/${uuid}cat.jpg` }),
    'a key whose photo is no uuid': record({ key: `${user}/${uuid}/cat.jpg` }),
    'a key that is no percent-encoding': {
      ...keyless,
      s3: { ...keyless.s3, object: { ...keyless.s3.object, key: `${user}/${uuid}/%E0%A4%A` } },
    },
    'a key that is a number': { ...keyless, s3: { ...keyless.s3, object: { key: 1 } } },
    'no bucket': { ...keyless, s3: { object: keyless.s3.object } },
  };
  for (const [what, bad] of Object.entries(records)) {
    it(`among good records: ${what}`, async () => {
      const [first, last] = [await newPost(), await newPost()];
      const good = [await putPhoto(first), await putPhoto(last)].map((photo) => record({ key: photo }));
      const before = await aws.countItems();
      await handler({ Records: [good[0], bad, good[1]] });
      assert.equal((await shown(first)).status, 'labelled');
      assert.equal((await shown(last)).status, 'labelled');
      assert.equal(rekognition.asked.length, 2);
      assert.equal(await aws.countItems(), before);
    });
  }
});

describe('a photo whose post is gone', () => {
  it('is deleted, and raises no ghost', async () => {
    const post = await newPost();
    await service.deletePost(post);
    const key = await putPhoto(post);
    await deliver({ key });
    assert.equal(await aws.item(user, post.id), undefined);
    assert.deepEqual(await aws.keys(post.prefix), []);
  });

  it('is deleted when Rekognition refuses it, too', async () => {
    const post = await newPost();
    await service.deletePost(post);
    rekognition.answer = () => ({ status: 400, error: 'InvalidImageFormatException' });
    await deliver({ key: await putPhoto(post) }, { key: await putPhoto(post), size: 16 * 1024 * 1024 });
    assert.equal(await aws.item(user, post.id), undefined);
    assert.deepEqual(await aws.keys(post.prefix), []);
  });

  it('of another user with the same uuid in its key touches nobody', async () => {
    const post = await newPost();
    const key = await putPhoto({ prefix: post.prefix.replace(user, 'Mallory') });
    await deliver({ key });
    assert.equal((await shown(post)).status, 'none');
    assert.deepEqual(await aws.keys('Mallory/'), []);
  });
});
