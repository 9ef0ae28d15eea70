import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { localDefaults } from '../../local/settings.ts';
import { renditionsBucketCors } from '../../templates/image-bucket.ts';
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

const jpeg = { 'content-type': 'image/jpeg' };
const code = (text: string) => /<Code>(.*)<\/Code>/.exec(text)?.[1];

/** The presigned PUT of product.md: its type is signed, the SDK adds no checksum of an empty body. */
async function signPut(
  bucket: Awaited<ReturnType<typeof startBucket>>,
  {
    client = {},
    ...options
  }: Parameters<typeof getSignedUrl>[2] & {
    client?: Parameters<typeof bucket.makeClient>[0];
    size?: number;
  } = {},
) {
  const signer = bucket.makeClient({ requestChecksumCalculation: 'WHEN_REQUIRED', ...client });
  const { size, ...rest } = options;
  const command = new PutObjectCommand({
    Bucket,
    Key: 'ada/1/a b+c.jpg',
    ContentType: 'image/jpeg',
    ContentLength: size,
  });
  const signableHeaders = new Set(size === undefined ? ['content-type'] : ['content-type', 'content-length']);
  return getSignedUrl(signer, command, { signableHeaders, ...rest });
}

async function send(
  url: string,
  method = 'PUT',
  headers: Record<string, string | number> = jpeg,
  body = 'photo',
) {
  const { status, text } = await answerTo(
    rawRequest(url, method, headers).end(method === 'PUT' ? body : undefined),
  );
  return [status, code(text)];
}

test('a presigned PUT is taken as it was signed, and in no other way', async (t) => {
  const bucket = await startBucket(t);
  const url = await signPut(bucket);
  const wrong = [403, 'SignatureDoesNotMatch'];
  assert.deepEqual(await send(url, 'PUT', { 'content-type': 'image/png' }), wrong);
  assert.deepEqual(await send(url, 'PUT', {}), wrong);
  assert.deepEqual(await send(url, 'DELETE'), wrong);
  assert.deepEqual(await send(url.replace('/ada/', '/bob/')), wrong);
  assert.deepEqual(await send(`${url}&response-content-type=text/html`), wrong);
  const last = url.at(-1) === '0' ? '1' : '0';
  assert.deepEqual(await send(url.slice(0, -1) + last), wrong);
  assert.deepEqual(await send(url.replace(/X-Amz-Expires=\d+/, 'X-Amz-Expires=604800')), wrong);
  assert.deepEqual(await send(url, 'PUT', { ...jpeg, 'x-amz-acl': 'public-read' }), [403, 'AccessDenied']);
  assert.deepEqual(await send(url, 'PUT', { ...jpeg, authorization: 'AWS4-HMAC-SHA256 x' }), [
    400,
    'AuthorizationHeaderMalformed',
  ]);
  assert.deepEqual(await listed(bucket.client), []);
  assert.deepEqual(await send(url), [200, undefined]);
  assert.deepEqual(await listed(bucket.client), ['ada/1/a b+c.jpg']);
});

test('a signed length is the length', async (t) => {
  const bucket = await startBucket(t);
  const url = await signPut(bucket, { size: 5 });
  assert.match(url, /X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost/);
  assert.deepEqual(await send(url, 'PUT', jpeg, 'longer'), [403, 'SignatureDoesNotMatch']);
  assert.deepEqual(await send(url, 'PUT', jpeg, 'photo'), [200, undefined]);
});

test('a presigned URL dies', async (t) => {
  const bucket = await startBucket(t);
  const url = await signPut(bucket, { signingDate: new Date(Date.now() - 62_000), expiresIn: 60 });
  const { status, text } = await answerTo(rawRequest(url, 'PUT', jpeg).end('photo'));
  assert.equal(status, 403);
  assert.match(text, /<Code>AccessDenied<\/Code><Message>Request has expired<\/Message>/);
  const young = await signPut(bucket, { signingDate: new Date(Date.now() - 3_000_000), expiresIn: 3_600 });
  assert.deepEqual(await send(young), [200, undefined]);
  const early = await signPut(bucket, { signingDate: new Date(Date.now() + 20 * 60_000), expiresIn: 60 });
  assert.deepEqual(await send(early), [403, 'AccessDenied']);
});

test('a checksum of another body, as the SDK presigns it unasked, is refused', async (t) => {
  const bucket = await startBucket(t);
  const url = await signPut(bucket, { client: { requestChecksumCalculation: 'WHEN_SUPPORTED' } });
  assert.match(url, /x-amz-checksum-crc32=AAAAAA/);
  assert.deepEqual(await send(url), [400, 'BadDigest']);
});

test('the anonymous and the unknown are refused', async (t) => {
  const bucket = await startBucket(t);
  const { region, credentials } = localDefaults;
  assert.deepEqual(await send(`${bucket.url}/${Bucket}/k`), [403, 'AccessDenied']);
  assert.deepEqual(await send(`${bucket.url}/${Bucket}/k`, 'GET', {}), [403, 'AccessDenied']);
  const stranger = { client: { credentials: { ...credentials, accessKeyId: 'AKIASOMEBODYELSE' } } };
  assert.deepEqual(await send(await signPut(bucket, stranger)), [403, 'InvalidAccessKeyId']);
  const forger = { client: { credentials: { ...credentials, secretAccessKey: 'guessed' } } };
  assert.deepEqual(await send(await signPut(bucket, forger)), [403, 'SignatureDoesNotMatch']);
  await assert.rejects(put(bucket.makeClient(forger.client), 'k'), named('SignatureDoesNotMatch', 403));
  await assert.rejects(put(bucket.makeClient(stranger.client), 'k'), named('InvalidAccessKeyId', 403));
  const elsewhere = bucket.makeClient({ region: region === 'us-east-1' ? 'eu-west-1' : 'us-east-1' });
  await assert.rejects(put(elsewhere, 'k'), named('AuthorizationHeaderMalformed', 400));
  const late = bucket.makeClient({ systemClockOffset: -20 * 60_000 });
  await assert.rejects(put(late, 'k'), named('RequestTimeTooSkewed', 403));
});

test('temporary credentials need their session token, in the header and in the query', async (t) => {
  const temporary = { ...localDefaults.credentials, sessionToken: 'a/session+token==' };
  const bucket = await startBucket(t, { credentials: temporary });
  await put(bucket.client, 'k');
  assert.deepEqual(await send(await signPut(bucket)), [200, undefined]);

  const without = { credentials: localDefaults.credentials };
  await assert.rejects(put(bucket.makeClient(without), 'k'), named('InvalidAccessKeyId', 403));
  assert.deepEqual(await send(await signPut(bucket, { client: without })), [403, 'InvalidAccessKeyId']);
  const other = { credentials: { ...temporary, sessionToken: 'of another session' } };
  await assert.rejects(put(bucket.makeClient(other), 'k'), named('InvalidToken', 400));
  assert.deepEqual(await send(await signPut(bucket, { client: other })), [400, 'InvalidToken']);
});

test('permanent credentials come without a token', async (t) => {
  const bucket = await startBucket(t);
  const other = { credentials: { ...localDefaults.credentials, sessionToken: 'made up' } };
  await assert.rejects(put(bucket.makeClient(other), 'k'), named('InvalidToken', 400));
});

test('broken signatures are answered, whatever they hold', async (t) => {
  const { url, client } = await startBucket(t);
  const good = new URL(await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'k' })));
  const rows: [name: string, value: string][] = [
    ['X-Amz-Expires', '604801'],
    ['X-Amz-Expires', '-1'],
    ['X-Amz-Expires', 'soon'],
    ['X-Amz-Date', '20261322T000000Z'],
    ['X-Amz-Date', 'yesterday'],
    ['X-Amz-Credential', 'no/slashes'],
    ['X-Amz-Algorithm', 'AWS4-HMAC-MD5'],
    ['X-Amz-SignedHeaders', ''],
  ];
  for (const [name, value] of rows) {
    const bad = new URL(good);
    bad.searchParams.set(name, value);
    assert.deepEqual(
      await send(bad.href, 'GET', {}),
      [400, 'AuthorizationHeaderMalformed'],
      `${name}=${value}`,
    );
  }
  assert.deepEqual(await send(good.href.replace(/Signature=[0-9a-f]+/, 'Signature=%C3%A9'), 'GET', {}), [
    403,
    'SignatureDoesNotMatch',
  ]);
  assert.deepEqual(await send(good.href.replace('/k?', '/%E9%zz?'), 'GET', {}), [400, 'InvalidURI']);
  const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=', 'x-amz-date': '20260101T000000Z' };
  assert.deepEqual(await send(`${url}/${Bucket}`, 'GET', headers), [400, 'AuthorizationHeaderMalformed']);
});

test('a page may upload where the CORS rule allows its origin', async (t) => {
  const bucket = await startBucket(t, { corsOrigins: ['https://site.example', 'https://*.dev.example'] });
  const url = await signPut(bucket);
  const ask = async (origin: string, method: string, headers?: string) => {
    const response = await fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': method,
        ...(headers !== undefined && { 'access-control-request-headers': headers }),
      },
    });
    return [response.status, response.headers.get('access-control-allow-origin')];
  };
  assert.deepEqual(await ask('https://site.example', 'PUT', 'Content-Type'), [200, 'https://site.example']);
  assert.deepEqual(await ask('https://a.dev.example', 'PUT'), [200, 'https://a.dev.example']);
  assert.deepEqual(await ask('https://site.example', 'GET'), [403, null]);
  assert.deepEqual(await ask('https://evil.example', 'PUT', 'content-type'), [403, null]);
  assert.deepEqual(await ask('https://site.example', 'DELETE'), [403, null]);
  assert.deepEqual(await ask('https://site.example', 'PUT', 'content-type, x-other'), [403, null]);

  const done = await fetch(url, {
    method: 'PUT',
    headers: { ...jpeg, origin: 'https://site.example' },
    body: 'x',
  });
  assert.equal(done.headers.get('access-control-allow-origin'), 'https://site.example');
  assert.equal(done.headers.get('access-control-expose-headers'), 'ETag');
  assert.match(done.headers.get('vary') ?? '', /Origin/);
  const refused = await fetch(url, { method: 'PUT', headers: { origin: 'https://site.example' }, body: 'x' });
  assert.equal(refused.status, 403);
  assert.equal(refused.headers.get('access-control-allow-origin'), 'https://site.example');
});

test('by default a page of any origin may', async (t) => {
  const origin = 'http://anywhere.example';
  const url = await signPut(await startBucket(t));
  const response = await fetch(url, { method: 'PUT', headers: { ...jpeg, origin }, body: 'x' });
  assert.equal(response.headers.get('access-control-allow-origin'), '*');
});

test('a page may read what is shown, and write nothing there', async (t) => {
  const shown = {
    name: 'shown',
    dataDir: join(await temporaryFolder(t), 'shown'),
    cors: renditionsBucketCors,
  };
  const { client } = await startBucket(t, { buckets: [shown] });
  const url = await getSignedUrl(client, new ListObjectsV2Command({ Bucket: shown.name }));
  const ask = async (method: string) => {
    const headers = { origin: 'https://site.example', 'access-control-request-method': method };
    return (await fetch(url, { method: 'OPTIONS', headers })).status;
  };
  assert.deepEqual([await ask('GET'), await ask('HEAD'), await ask('PUT')], [200, 200, 403]);
});
