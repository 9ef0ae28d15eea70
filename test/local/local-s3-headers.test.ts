import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { answerTo, Bucket, named, rawRequest, startBucket } from '../support/local-bucket.ts';

test('headers of a PUT come back, unless a GET names others, which have to be signed', async (t) => {
  const { client } = await startBucket(t);
  await client.send(
    new PutObjectCommand({
      Bucket,
      Key: 'k',
      Body: 'x',
      ContentType: 'text/html',
      ContentDisposition: 'attachment; filename="invoice.exe"',
      CacheControl: 'max-age=31536000',
      ContentEncoding: 'br',
      ContentLanguage: 'tlh',
      Expires: new Date('2040-01-01'),
    }),
  );
  const stored = await client.send(new HeadObjectCommand({ Bucket, Key: 'k' }));
  assert.deepEqual(
    [stored.ContentDisposition, stored.CacheControl, stored.ContentEncoding, stored.ContentLanguage],
    ['attachment; filename="invoice.exe"', 'max-age=31536000', 'br', 'tlh'],
  );
  assert.equal(stored.ExpiresString, 'Sun, 01 Jan 2040 00:00:00 GMT');

  const command = new GetObjectCommand({
    Bucket,
    Key: 'k',
    ResponseContentType: 'image/jpeg',
    ResponseContentDisposition: 'inline; filename=photo.jpg',
    ResponseCacheControl: 'private',
    ResponseContentEncoding: 'identity',
    ResponseContentLanguage: 'en',
    ResponseExpires: new Date('2030-01-01'),
  });
  const url = await getSignedUrl(client, command);
  const { status, headers } = await answerTo(rawRequest(url, 'GET').end());
  assert.equal(status, 200);
  assert.deepEqual(
    [
      headers['content-type'],
      headers['content-disposition'],
      headers['cache-control'],
      headers['content-encoding'],
      headers['content-language'],
      headers.expires,
    ],
    [
      'image/jpeg',
      'inline; filename=photo.jpg',
      'private',
      'identity',
      'en',
      'Tue, 01 Jan 2030 00:00:00 GMT',
    ],
  );
  for (const change of [
    (text: string) => text.replace('photo.jpg', 'invoice.exe'),
    (text: string) => text.replace(/response-content-type=[^&]*&/, ''),
    (text: string) => `${text}&response-cache-control=public`,
  ]) {
    assert.notEqual(change(url), url);
    assert.equal((await answerTo(rawRequest(change(url), 'GET').end())).status, 403);
  }
  const broken = new GetObjectCommand({ Bucket, Key: 'k', ResponseContentType: 'a\r\nset-cookie: b' });
  await assert.rejects(client.send(broken), named('InvalidArgument', 400));
});
