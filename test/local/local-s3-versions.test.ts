import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import {
  answerTo,
  Bucket,
  listed,
  named,
  put,
  rawRequest,
  startBucket,
  temporaryFolder,
} from '../support/local-bucket.ts';

const get = async (client: S3Client, Key: string, VersionId?: string) => {
  const { Body, ...got } = await client.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return { ...got, text: await Body?.transformToString() };
};

/** Versions and markers of a page, as `key version`, a marker with a dagger, the newest of its key with an asterisk. */
async function page(client: S3Client, input: Partial<ListObjectVersionsCommandInput> = {}) {
  const {
    Versions = [],
    DeleteMarkers = [],
    ...rest
  } = await client.send(new ListObjectVersionsCommand({ Bucket, ...input }));
  const entries = [
    ...Versions.map(({ Key, VersionId, IsLatest }) => `${Key} ${VersionId}${IsLatest ? '*' : ''}`),
    ...DeleteMarkers.map(({ Key, VersionId, IsLatest }) => `${Key} ${VersionId}†${IsLatest ? '*' : ''}`),
  ];
  return { entries, ...rest };
}

test('every PUT is a version of its own, named in its answer, and read by its name', async (t) => {
  const { client } = await startBucket(t);
  const old = await put(client, 'k', 'old');
  const young = await put(client, 'k', 'young');
  assert.notEqual(old.VersionId, young.VersionId);
  assert.equal((await get(client, 'k')).text, 'young');
  assert.equal((await get(client, 'k')).VersionId, young.VersionId);
  assert.equal((await get(client, 'k', old.VersionId)).text, 'old');
  assert.equal((await get(client, 'k', young.VersionId)).text, 'young');
  const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'k', VersionId: old.VersionId }));
  assert.deepEqual([head.VersionId, head.ContentLength], [old.VersionId, 3]);
  const url = await getSignedUrl(
    client,
    new GetObjectCommand({ Bucket, Key: 'k', VersionId: old.VersionId }),
  );
  assert.equal((await answerTo(rawRequest(url, 'GET').end())).text, 'old');
  assert.equal((await answerTo(rawRequest(url.replace(/versionId=[^&]*&?/, ''), 'GET').end())).status, 403);
});

test('a version that is not there, or is no version, is told as S3 tells it', async (t) => {
  const { client } = await startBucket(t);
  const { VersionId } = await put(client, 'k');
  await put(client, 'other');
  await assert.rejects(get(client, 'other', VersionId), named('NoSuchVersion', 404));
  await assert.rejects(get(client, 'k', 'null'), named('NoSuchVersion', 404));
  await assert.rejects(get(client, 'k', 'nonsense'), named('InvalidArgument', 400));
  await assert.rejects(
    client.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: 'nonsense' })),
    named('InvalidArgument', 400),
  );
  // One that was deleted already is no error.
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'other', VersionId }));
  const { Errors, Deleted } = await client.send(
    new DeleteObjectsCommand({
      Bucket,
      Delete: {
        Objects: [
          { Key: 'k', VersionId: 'nonsense' },
          { Key: 'other', VersionId },
        ],
      },
    }),
  );
  assert.deepEqual(
    Errors?.map(({ Key, VersionId: id, Code }) => [Key, id, Code]),
    [['k', 'nonsense', 'NoSuchVersion']],
  );
  assert.deepEqual(Deleted, [{ Key: 'other', VersionId }]);
  assert.deepEqual(await listed(client), ['k', 'other']);
});

test('a DELETE of no version hides the object under a marker; without the marker it is back', async (t) => {
  const { client } = await startBucket(t);
  const { VersionId } = await put(client, 'k', 'hidden');
  const hidden = await client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
  assert.equal(hidden.DeleteMarker, true);
  assert.deepEqual(await listed(client), []);
  await assert.rejects(get(client, 'k'), (error) => {
    assert.ok(error instanceof S3ServiceException);
    assert.equal(error.name, 'NoSuchKey');
    assert.equal(error.$response?.headers['x-amz-delete-marker'], 'true');
    assert.equal(error.$response?.headers['x-amz-version-id'], hidden.VersionId);
    return true;
  });
  await assert.rejects(client.send(new HeadObjectCommand({ Bucket, Key: 'k' })), named('NotFound', 404));
  await assert.rejects(get(client, 'k', hidden.VersionId), named('MethodNotAllowed', 405));
  assert.equal((await get(client, 'k', VersionId)).text, 'hidden');

  const { Deleted } = await client.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'never was' }] } }),
  );
  assert.equal(Deleted?.[0]?.DeleteMarker, true, 'as in S3, there need not be an object to hide');

  const back = await client.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: hidden.VersionId }));
  assert.deepEqual([back.DeleteMarker, back.VersionId], [true, hidden.VersionId]);
  assert.equal((await get(client, 'k')).text, 'hidden');
});

test('a version deleted is gone for good, from the disk too, and the one before it is the object', async (t) => {
  const { client, dataDir, pendingEvents } = await startBucket(t);
  const [old, young] = [await put(client, 'k', 'old'), await put(client, 'k', 'young')];
  const events = pendingEvents();
  const gone = await client.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: young.VersionId }));
  assert.deepEqual([gone.DeleteMarker, gone.VersionId], [undefined, young.VersionId]);
  assert.equal((await get(client, 'k')).text, 'old');
  await assert.rejects(get(client, 'k', young.VersionId), named('NoSuchVersion', 404));
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: old.VersionId }));
  assert.deepEqual((await page(client)).entries, []);
  assert.deepEqual(await readdir(join(dataDir, 'objects')), []);
  assert.equal(pendingEvents(), events, 'what comes to light again is nothing new');
});

test('versions and markers are listed by key, the newest first, page by page', async (t) => {
  const { client } = await startBucket(t);
  const a = [await put(client, 'a'), await put(client, 'a'), await put(client, 'a')];
  const b = [
    await put(client, 'b/é <&>'),
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'b/é <&>' })),
  ];
  const c = await put(client, 'c');
  const expected = [
    `a ${a[2]?.VersionId}*`,
    `a ${a[1]?.VersionId}`,
    `a ${a[0]?.VersionId}`,
    `b/é <&> ${b[1]?.VersionId}†*`,
    `b/é <&> ${b[0]?.VersionId}`,
    `c ${c.VersionId}*`,
  ];
  const all = await page(client);
  // The SDK sorts markers from versions.
  assert.deepEqual(all.entries.toSorted(), expected.toSorted());
  assert.equal(all.IsTruncated, false);
  assert.deepEqual((await page(client, { Prefix: 'b/' })).entries.length, 2);

  for (const size of [1, 2, 4, 6]) {
    const found: string[] = [];
    let markers: Partial<ListObjectVersionsCommandInput> = {};
    let truncated = true;
    while (truncated) {
      const next = await page(client, { MaxKeys: size, ...markers });
      assert.ok(next.entries.length <= size);
      found.push(...(size === 1 ? next.entries : next.entries.toSorted()));
      markers = { KeyMarker: next.NextKeyMarker, VersionIdMarker: next.NextVersionIdMarker };
      truncated = next.IsTruncated === true;
    }
    assert.deepEqual(found.toSorted(), expected.toSorted(), `pages of ${size}`);
    if (size === 1) assert.deepEqual(found, expected, 'in order');
  }
  const encoded = await page(client, { EncodingType: 'url', Prefix: 'b/' });
  assert.match(encoded.entries[0] ?? '', /^b%2F%C3%A9%20%3C%26%3E /);
  await assert.rejects(page(client, { VersionIdMarker: a[0]?.VersionId }), named('InvalidArgument', 400));
});

test('a list goes on after a version that was deleted meanwhile', async (t) => {
  const { client } = await startBucket(t);
  const versions = [];
  for (let n = 0; n < 4; n++) versions.push((await put(client, 'k')).VersionId);
  const first = await page(client, { MaxKeys: 2 });
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: first.NextVersionIdMarker }));
  const { entries } = await page(client, {
    KeyMarker: first.NextKeyMarker,
    VersionIdMarker: first.NextVersionIdMarker,
  });
  assert.deepEqual(entries, [`k ${versions[1]}`, `k ${versions[0]}`]);
});

test('versions and markers survive a restart, in their order', async (t) => {
  const first = await startBucket(t);
  await put(first.client, 'k', 'old');
  await first.client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
  await put(first.client, 'k', 'young');
  await put(first.client, 'hidden');
  await first.client.send(new DeleteObjectCommand({ Bucket, Key: 'hidden' }));
  const before = await page(first.client);
  await first.close();
  const second = await startBucket(t, { dataDir: first.dataDir });
  assert.deepEqual((await page(second.client)).entries, before.entries);
  assert.deepEqual(await listed(second.client), ['k']);
  assert.equal((await get(second.client, 'k')).text, 'young');
});

/** A folder as it was written before versions were kept: a file for each key, and an event that waits. */
async function olderFolder(t: Parameters<typeof temporaryFolder>[0], key: string, text: string) {
  const dataDir = join(await temporaryFolder(t), 'data');
  const [objects, events] = [join(dataDir, 'objects'), join(dataDir, 'events')];
  for (const folder of [objects, events]) await mkdir(folder, { recursive: true });
  const sequencer = '0019A5C3D2E1F00000';
  const info = {
    key,
    size: text.length,
    etag: createHash('md5').update(text).digest('hex'),
    sequencer,
    modified: '2026-11-01T00:00:00.000Z',
    headers: { 'content-type': 'image/png' },
  };
  const json = Buffer.from(JSON.stringify(info));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  await writeFile(
    join(objects, createHash('sha256').update(key).digest('hex')),
    Buffer.concat([Buffer.from(text), json, length, Buffer.from('POSTAGRAM-OBJECT')]),
  );
  const event = { Records: [{ s3: { object: { key, sequencer } } }] };
  await writeFile(join(events, `${sequencer}.json`), JSON.stringify(event));
  return { dataDir, event };
}

test('a folder written before versions were kept opens unchanged: its objects are version null', async (t) => {
  const { dataDir, event } = await olderFolder(t, 'k', 'of before');
  const { client, onObjectCreated } = await startBucket(t, { dataDir });
  const delivered = new Promise((resolve) => onObjectCreated(async (found) => resolve(found)));
  assert.deepEqual(await delivered, event);
  const got = await get(client, 'k');
  assert.deepEqual([got.text, got.VersionId, got.ContentType], ['of before', 'null', 'image/png']);
  assert.equal((await get(client, 'k', 'null')).text, 'of before');

  const { VersionId } = await put(client, 'k', 'of now');
  assert.deepEqual((await page(client)).entries, [`k ${VersionId}*`, 'k null']);
  assert.equal((await get(client, 'k', 'null')).text, 'of before');
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: 'null' }));
  assert.deepEqual((await page(client)).entries, [`k ${VersionId}*`]);
  assert.equal((await get(client, 'k')).text, 'of now');
});
