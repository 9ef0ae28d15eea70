import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import * as v from 'valibot';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createDocuments } from '../../../src/aws/documents.ts';
import { eventually } from '../../../test/support/eventually.ts';
import type { connect } from '../../../test/support/http-client.ts';
import { startRekognition } from '../../../test/support/rekognition.ts';
import { openServiceWays } from '../../../test/support/service-ways.ts';
import { createBlobImages } from '../images.ts';
import { createUploadLabeler } from '../label-uploads.ts';
import { createOutcomeStore } from '../outcome-store.ts';

const rekognition = await startRekognition({ after });
const { ways, cloud, call } = await openServiceWays({ after }, 'blobs', {
  env: { AWS_ENDPOINT_URL_REKOGNITION: rekognition.url },
});
const { handler: label } = await import('../labeler.ts');
const s3 = new S3Client({ endpoint: cloud.env.AWS_ENDPOINT_URL_S3 ?? '', forcePathStyle: true });
const Bucket = 'blobs-images-local';

const createdSchema = v.strictObject({
  statusCode: v.picklist([200, 201]),
  body: v.strictObject({ id: v.string(), upload_url: v.pipe(v.string(), v.url()) }),
});

async function create(to: ReturnType<typeof connect> = call, path = '/blobs') {
  const { status, json } = await to('POST', path);
  const { statusCode, body } = v.parse(createdSchema, json);
  assert.equal(statusCode, status);
  return body;
}
/** Bytes without a content type. */
const put = (url: string, text = 'an image') => fetch(url, { method: 'PUT', body: Buffer.from(text) });
const versions = async (id: string) => {
  const page = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: `blobs/${id}/` }));
  return [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
};
const item = async (id: string) => {
  const table = new GetCommand({ TableName: 'blobs-blobs-local', Key: { id }, ConsistentRead: true });
  return (await createDocuments('eu-west-1').send(table)).Item;
};
const is = async (id: string, statusCode: number, body?: object, query = '') => {
  const { status, json } = await call('GET', `/blobs/${id}${query}`);
  const shown = v.parse(v.strictObject({ statusCode: v.number(), body: v.looseObject({}) }), json);
  assert.deepEqual([status, shown.statusCode], [statusCode, statusCode]);
  if (body) assert.deepEqual(shown.body, body);
  return shown.body;
};
const settled = () => eventually(() => assert.equal(cloud.pendingEvents(), 0));

/** An S3 event of a key: of a write before or after those of the bucket. */
const eventOf = (url: string, sequencer: string) => ({
  Records: [
    {
      eventName: 'ObjectCreated:Put',
      s3: {
        bucket: { name: Bucket },
        object: { key: new URL(url).pathname.replace(`/${Bucket}/`, ''), size: 8, sequencer },
      },
    },
  ],
});

for (const { way, call: to } of ways) {
  describe(`over ${way}`, () => {
    it('an image is labelled: POST without a body, PUT of raw bytes, GET', async () => {
      const { id, upload_url } = await create(to);
      assert.equal((await to('GET', `/blobs/${id}`)).status, 428);
      assert.equal((await put(upload_url)).status, 200);
      const answer = await to('GET', `/blobs/${id}?timeout=20`);
      assert.deepEqual([answer.status, answer.json], [200, { statusCode: 200, body: { labels: ['Cat'] } }]);
      assert.equal((await to('DELETE', `/blobs/${id}`)).status, 200);
      assert.equal((await to('GET', `/blobs/${id}`)).status, 404);
      assert.deepEqual([await item(id), await versions(id)], [undefined, []]);
    });
  });
}

it('what a caller gets wrong is 400 or 404 in the envelope', async () => {
  const cases: [string, string, unknown, number, RegExp][] = [
    ['POST', '/blobs', { callback_url: 'http://example.org/' }, 400, /^callback_url: must begin with https/],
    ['POST', '/blobs', { callback_url: 'https://10.0.0.1/' }, 400, /private/],
    ['POST', '/blobs', { callback_url: 'https://a:b@example.org/' }, 400, /user name/],
    ['POST', '/blobs', { callback_url: 'https://example.org:8443/' }, 400, /port/],
    ['POST', '/blobs', { callback_url: 7 }, 400, /^callback_url: must be a text/],
    ['POST', '/blobs', Buffer.from('{'), 400, /not JSON/],
    ['POST', '/blobs', [], 400, /JSON object/],
    ['GET', '/blobs/x', undefined, 404, /no such blob/],
    ['GET', '/blobs/x?timeout=21', undefined, 400, /^timeout: /],
    ['GET', '/blobs/x?timeout=soon', undefined, 400, /^timeout: /],
    ['POST', '/blobs/x/upload_url', undefined, 404, /no such blob/],
    ['DELETE', '/blobs/1a5ea69a-d30c-11e7-90d0-129b5a655d2d', undefined, 404, /no such blob/],
  ];
  for (const [method, path, body, status, message] of cases) {
    const answer = await call(method, path, body === undefined ? {} : { body });
    const refusal = v.strictObject({
      statusCode: v.literal(status),
      body: v.strictObject({ errorMessage: v.string() }),
    });
    assert.equal(answer.status, status, `${method} ${path} ${answer.text}`);
    assert.match(v.parse(refusal, answer.json).body.errorMessage, message);
  }
});

it('an image that cannot be labelled is 412, with why, and is deleted', async () => {
  const { id, upload_url } = await create();
  rekognition.answer = () => ({ status: 400, error: 'InvalidImageFormatException' });
  await put(upload_url, 'a text');
  const errorMessage = 'The photo is not a JPEG or PNG image, or it is damaged.';
  await is(id, 412, { errorMessage }, '?timeout=20');
  rekognition.answer = () => ['Cat'];
  await settled();
  assert.deepEqual(await versions(id), []);
  await put(upload_url);
  await eventually(() => is(id, 200, { labels: ['Cat'] }));
  assert.equal((await versions(id)).length, 1, 'a better one takes its place');
});

it('one that is too large is deleted without a look at it, by the next try if the first could not', async () => {
  const { id, upload_url } = await create();
  rekognition.answer = () => 'cut';
  await put(upload_url);
  const [version] = await eventually(async () => {
    const found = await versions(id);
    assert.equal(found.length, 1);
    return found;
  });
  const event = eventOf(upload_url, 'ff');
  Object.assign(event.Records[0]?.s3.object ?? {}, {
    size: 15 * 1024 * 1024 + 1,
    versionId: version?.VersionId,
  });
  const images = createBlobImages(s3, Bucket);
  let failed = false;
  const labeler = createUploadLabeler({
    detect: () => assert.fail('it is too large'),
    outcomes: createOutcomeStore(createDocuments('eu-west-1'), 'blobs-blobs-local'),
    images: {
      ...images,
      remove: async (image) => {
        if (failed) return images.remove(image);
        failed = true;
        throw new Error('the bucket does not answer');
      },
    },
    log: () => undefined,
  });
  await assert.rejects(labeler(event));
  await is(id, 412, { errorMessage: 'The photo is larger than 15 MB.' });
  await labeler(event);
  assert.deepEqual(await versions(id), []);
  rekognition.answer = () => ['Cat'];
  await settled();
  await is(id, 412);
});

it('the upload URL lives 300 s and signs no content type; after that S3 says that it has expired', async () => {
  const { id, upload_url } = await create();
  const { searchParams, pathname } = new URL(upload_url);
  assert.equal(searchParams.get('X-Amz-Expires'), '300');
  assert.equal(searchParams.get('X-Amz-SignedHeaders'), 'host');
  const command = new PutObjectCommand({
    Bucket,
    Key: decodeURIComponent(pathname).replace(`/${Bucket}/`, ''),
  });
  const late = await getSignedUrl(s3, command, {
    expiresIn: 300,
    signingDate: new Date(Date.now() - 301_000),
  });
  const answer = await put(late);
  assert.equal(answer.status, 403);
  assert.match(await answer.text(), /Request has expired/);
  await is(id, 428);
});

it('an event that comes again, or late, moves nothing back', async () => {
  const { id, upload_url } = await create();
  await put(upload_url);
  await is(id, 200, { labels: ['Cat'] }, '?timeout=20');
  await settled();
  const before = await item(id);
  rekognition.answer = () => ['Dog'];
  const sequencer = v.parse(v.string(), before?.sequencer);
  for (const one of [sequencer, '0', '00']) await label(eventOf(upload_url, one));
  assert.deepEqual(await item(id), before);
  rekognition.answer = () => ['Cat'];
});

it('a new URL replaces the image; what arrives at the old one changes nothing and stays nowhere', async () => {
  const { id, upload_url: old } = await create();
  await put(old);
  await is(id, 200, undefined, '?timeout=20');
  const { upload_url } = await create(call, `/blobs/${id}/upload_url`);
  await is(id, 428);
  await put(old);
  await settled();
  await is(id, 428);
  assert.deepEqual(await versions(id), []);
  rekognition.answer = () => ['Dog'];
  await put(upload_url);
  await is(id, 200, { labels: ['Dog'] }, '?timeout=20');
  rekognition.answer = () => ['Cat'];
});

it('neither an upload nor a label that comes after the delete raises a ghost', async () => {
  const { id, upload_url } = await create();
  // Deleted while Rekognition thinks.
  rekognition.answer = async () => {
    await call('DELETE', `/blobs/${id}`);
    return ['Cat'];
  };
  await put(upload_url);
  await settled();
  await is(id, 404);
  rekognition.answer = () => ['Cat'];
  await put(upload_url);
  await settled();
  await is(id, 404);
  assert.deepEqual([await item(id), await versions(id)], [undefined, []]);
});

it('waits no longer than it was told', async () => {
  const { id } = await create();
  await is(id, 428, { errorMessage: 'Nothing has been uploaded yet.' }, '?timeout=0.1');
});
