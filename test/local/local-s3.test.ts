import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { answerTo, Bucket, listed, named, put, rawRequest, startBucket } from '../support/local-bucket.ts';

const ODD_KEYS = [
  'Rémi Ł/0190/a b+c#é.jpg',
  '../../x',
  '/etc/passwd',
  'a/./b//c',
  "q?&=*!'()~%25$@:;,",
  '猫/😀.png',
  '<&>"\'.jpg',
];

for (const Key of ODD_KEYS)
  test(`a key is itself through put, get, head, list, presigned URL and both deletes: ${Key}`, async (t) => {
    const { client, dataDir } = await startBucket(t);
    await client.send(new PutObjectCommand({ Bucket, Key, Body: 'bytes', ContentType: 'image/png' }));
    const got = await client.send(new GetObjectCommand({ Bucket, Key }));
    assert.equal(await got.Body?.transformToString(), 'bytes');
    assert.equal(got.ContentType, 'image/png');
    assert.equal((await client.send(new HeadObjectCommand({ Bucket, Key }))).ContentLength, 5);
    assert.deepEqual(await listed(client, Key), [Key]);
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key }));
    assert.equal((await answerTo(rawRequest(url, 'GET').end())).text, 'bytes');
    assert.deepEqual(await readdir(dirname(dataDir)), ['data'], 'nothing is written beside the data folder');

    await client.send(new DeleteObjectCommand({ Bucket, Key, VersionId: got.VersionId }));
    await assert.rejects(client.send(new HeadObjectCommand({ Bucket, Key })), named('NotFound', 404));
    const { VersionId } = await put(client, Key);
    const { Deleted } = await client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key, VersionId }] } }),
    );
    assert.deepEqual(Deleted, [{ Key, VersionId }]);
    assert.deepEqual(await readdir(join(dataDir, 'objects')), []);
  });

test('objects, their type and their metadata survive a restart', async (t) => {
  const first = await startBucket(t);
  await first.client.send(
    new PutObjectCommand({ Bucket, Key: 'k', Body: 'v', ContentType: 'image/jpeg', Metadata: { by: 'ada' } }),
  );
  await first.close();
  const { client } = await startBucket(t, { dataDir: first.dataDir });
  const got = await client.send(new GetObjectCommand({ Bucket, Key: 'k' }));
  assert.equal(await got.Body?.transformToString(), 'v');
  assert.equal(got.ContentType, 'image/jpeg');
  assert.deepEqual(got.Metadata, { by: 'ada' });
});

test('an empty object is an object', async (t) => {
  const { client } = await startBucket(t);
  await put(client, 'empty', '');
  const got = await client.send(new GetObjectCommand({ Bucket, Key: 'empty' }));
  assert.equal(await got.Body?.transformToString(), '');
  assert.equal(got.ContentLength, 0);
});

test('parts of an object by range', async (t) => {
  const { client } = await startBucket(t);
  await put(client, 'k', '0123456789');
  const rows: [string, string][] = [
    ['bytes=2-4', '234'],
    ['bytes=7-', '789'],
    ['bytes=-3', '789'],
    ['bytes=8-100', '89'],
    ['bytes=0-1,3-4', '0123456789'],
  ];
  for (const [Range, expected] of rows) {
    const got = await client.send(new GetObjectCommand({ Bucket, Key: 'k', Range }));
    assert.equal(await got.Body?.transformToString(), expected, Range);
  }
  const beyond = new GetObjectCommand({ Bucket, Key: 'k', Range: 'bytes=10-' });
  await assert.rejects(client.send(beyond), named('InvalidRange', 416));
});

test('a copy that is still good is not sent again', async (t) => {
  const { client } = await startBucket(t);
  const { ETag } = await put(client, 'k');
  const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'k' }));
  assert.equal((await fetch(url, { headers: { 'If-None-Match': String(ETag) } })).status, 304);
  assert.equal((await fetch(url, { headers: { 'If-None-Match': '"other"' } })).status, 200);
});

test('lists go by UTF-8 order, by prefix, and page by page', async (t) => {
  const { client } = await startBucket(t);
  const keys = ['Z', 'a/1', 'a/2', 'a/3 é', 'b', 'é', '\uffee', '😀'];
  for (const key of keys.toReversed()) await put(client, key);
  assert.deepEqual(await listed(client), keys);
  assert.deepEqual(await listed(client, 'a/'), ['a/1', 'a/2', 'a/3 é']);
  assert.deepEqual(await listed(client, 'nothing'), []);
  const pages = [];
  for await (const page of paginateListObjectsV2({ client, pageSize: 3 }, { Bucket })) pages.push(page);
  assert.deepEqual(
    pages.map((page) => page.Contents?.map(({ Key }) => Key)),
    [keys.slice(0, 3), keys.slice(3, 6), keys.slice(6)],
  );
  assert.deepEqual(
    pages.map((page) => page.IsTruncated),
    [true, true, false],
  );
  const encoded = new ListObjectsV2Command({ Bucket, EncodingType: 'url', StartAfter: 'a/2', MaxKeys: 1 });
  assert.equal((await client.send(encoded)).Contents?.[0]?.Key, 'a%2F3%20%C3%A9');
});

test('many keys are deleted at once, missing ones among them', async (t) => {
  const { client } = await startBucket(t);
  for (const key of ['a', 'b', 'c']) await put(client, key);
  const Objects = [{ Key: 'a' }, { Key: 'c' }, { Key: 'never was' }];
  const { Deleted, Errors } = await client.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
  );
  assert.deepEqual([Deleted, Errors], [undefined, undefined]);
  assert.deepEqual(await listed(client), ['b']);
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'never was' }));
});

test('what is missing and what is not built says so', async (t) => {
  const { client } = await startBucket(t);
  await put(client, 'k');
  const Key = 'k';
  await client.send(new HeadBucketCommand({ Bucket }));
  await assert.rejects(client.send(new GetObjectCommand({ Bucket, Key: 'none' })), named('NoSuchKey', 404));
  await assert.rejects(
    client.send(new GetObjectCommand({ Bucket: 'other-bucket', Key })),
    named('NoSuchBucket', 404),
  );
  const copy = new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/k` });
  await assert.rejects(client.send(copy), named('NotImplemented', 501));
  const upload = new CreateMultipartUploadCommand({ Bucket, Key });
  await assert.rejects(client.send(upload), named('NotImplemented', 501));
  await assert.rejects(client.send(new GetObjectAclCommand({ Bucket, Key })), named('NotImplemented', 501));
  const once = new PutObjectCommand({ Bucket, Key, Body: 'x', IfNoneMatch: '*' });
  await assert.rejects(client.send(once), named('NotImplemented', 501));
});
