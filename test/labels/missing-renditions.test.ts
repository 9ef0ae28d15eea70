import assert from 'node:assert/strict';
import { after, beforeEach, it } from 'node:test';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { missing } from '../../src/labels/missing.ts';
import { startLabeledService } from '../support/labeled-service.ts';

const service = await startLabeledService({ after });
const { aws, deliver, handler, labelled, newPost, putPhoto, read, rekognition, shown, user, write } = service;
const { BUCKET = '', DYNAMO_TABLE = '' } = process.env;
const client = new DynamoDBClient({});
after(() => client.destroy());

beforeEach(() => {
  rekognition.asked.length = 0;
  rekognition.answer = () => ['Cat'];
});

/** A post with a photo as it was stored before there were renditions. */
async function postOfBefore() {
  const post = await newPost();
  const key = await putPhoto(post);
  await deliver({ key });
  await aws.forget(user, post.id, 'width', 'height', 'thumbhash');
  for (const rendition of await aws.renditions(post.prefix)) await aws.removeRendition(rendition);
  rekognition.asked.length = 0;
  return { ...post, key };
}

async function eventsOfMissing() {
  const events = [];
  for await (const event of missing(client, DYNAMO_TABLE, BUCKET)) events.push(event);
  return events;
}

/** As `npm start` and `deploy.ts relabel --missing` do. */
async function makeMissing(): Promise<number> {
  const events = await eventsOfMissing();
  for (const event of events) await handler(event);
  return events.length;
}

it('photos from before there were renditions are not shown, get them once, and keep their labels', async () => {
  await newPost();
  await deliver({ key: await putPhoto(await newPost()) });
  const post = await postOfBefore();
  const { labels, photo } = await shown(post);
  assert.deepEqual([labels, photo], [['Cat'], undefined]);
  rekognition.answer = () => ['Dog'];
  assert.equal(await makeMissing(), 1);
  assert.deepEqual(rekognition.asked, []);
  assert.deepEqual((await shown(post)).labels, ['Cat']);
  assert.equal((await read(post)).text, 'a photo');
  assert.equal(await makeMissing(), 0);
});

it('a post from before posts were found by their labels is found by them from then on, with nothing looked at again', async () => {
  const post = await newPost();
  await deliver({ key: await putPhoto(post) });
  await aws.forget(user, post.id, 'labelRevision');
  await aws.removeEntry('cat', post.id);
  rekognition.asked.length = 0;
  assert.ok(!(await labelled('Cat')).includes(post.id));
  assert.equal(await makeMissing(), 1);
  assert.deepEqual(rekognition.asked, []);
  assert.ok((await labelled('Cat')).includes(post.id));
  assert.equal(await makeMissing(), 0);
});

it('also of a version that was written over, whose later write nobody has labelled yet', async () => {
  const post = await postOfBefore();
  await write(post.key, 'another photo');
  assert.equal(await makeMissing(), 1);
  assert.equal((await read(post)).text, 'a photo');
  assert.equal((await aws.keys(post.prefix)).length, 2);
});

it('one that is gone stays as it is, and one that cannot be read is failed, with no object left', async () => {
  const [gone, damaged] = [await postOfBefore(), await postOfBefore()];
  await aws.remove(gone.key);
  await aws.remove(damaged.key);
  const { VersionId: version } = await aws.put(damaged.key, 'no photo');
  await aws.setVersion(user, damaged.id, version ?? '');
  await makeMissing();
  assert.deepEqual((await shown(gone)).labels, ['Cat']);
  assert.equal((await shown(damaged)).status, 'failed');
  assert.deepEqual([await aws.keys(damaged.prefix), await aws.renditions(damaged.prefix)], [[], []]);
});

it('of a post that is deleted meanwhile nothing is left', async () => {
  const post = await postOfBefore();
  const event = (await eventsOfMissing()).find(({ Records: [record] }) =>
    record?.s3.object.key.includes(post.path.slice(-36)),
  );
  assert.ok(event);
  await service.deletePost(post);
  await handler(event);
  assert.equal(await aws.item(user, post.id), undefined);
  assert.deepEqual([await aws.keys(post.prefix), await aws.renditions(post.prefix)], [[], []]);
});
