import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, afterEach, describe, it } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import { createPresigner } from '../../src/aws/presign.ts';
import { photo, put, startWholeService } from '../support/whole-service.ts';

// Nobody labels anything here.
const { aws, cloud, newPost, sign } = await startWholeService({ after }, { labels: false });
cloud.onObjectCreated(async () => undefined);
const chelsea = await photo('chelsea');
const type = 'image/jpeg';
const MINUTE = 60_000;

afterEach(async () => assert.deepEqual(await aws.keys(), [], 'nothing was stored'));

describe('a PUT gets 403', () => {
  const changes: Record<string, (url: URL) => void> = {
    'with a forged signature': ({ searchParams }) => {
      const signature = searchParams.get('X-Amz-Signature') ?? '';
      searchParams.set(
        'X-Amz-Signature',
        signature.replace(/.$/, (c) => (c === '0' ? '1' : '0')),
      );
    },
    'to another key': (url) => {
      url.pathname += 'x';
    },
    "to another user's post": (url) => {
      url.pathname = url.pathname.replace(/\/Zo%C3%AB\//, '/Ann/');
    },
    'with a longer life': ({ searchParams }) => searchParams.set('X-Amz-Expires', '86400'),
    'with a later date': ({ searchParams }) => {
      const date = new Date(Date.now() + MINUTE).toISOString().replace(/[-:]|\.\d+/g, '');
      searchParams.set('X-Amz-Date', date);
    },
    'without its signed headers': ({ searchParams }) => searchParams.set('X-Amz-SignedHeaders', 'host'),
    'without a query': (url) => {
      url.search = '';
    },
  };
  for (const [what, change] of Object.entries(changes)) {
    it(what, async () => {
      const { uploadURL, headers } = await sign(await newPost());
      const url = new URL(uploadURL);
      change(url);
      assert.notEqual(url.href, uploadURL);
      assert.equal((await put({ uploadURL: url.href, headers }, chelsea)).status, 403);
    });
  }

  for (const other of ['image/png', 'text/html', 'image/jpeg; charset=x', 'application/octet-stream']) {
    it(`with another content type: ${other}`, async () => {
      const { uploadURL } = await sign(await newPost());
      const { status } = await put({ uploadURL, headers: { 'content-type': other } }, chelsea);
      assert.equal(status, 403);
    });
  }

  it('without a content type', async () => {
    const { uploadURL } = await sign(await newPost());
    // A body of bytes has no content type of its own.
    assert.equal((await put({ uploadURL, headers: {} }, chelsea)).status, 403);
  });

  it('with another size than the one signed', async () => {
    const upload = await sign(await newPost(), { size: String(chelsea.length) });
    for (const body of [chelsea.subarray(1), Buffer.concat([chelsea, Buffer.from('x')])]) {
      assert.equal((await put(upload, body)).status, 403);
    }
  });

  it('after its time', async () => {
    const { objectName } = await sign(await newPost());
    const { env } = cloud;
    const credentials = {
      accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
    };
    const endpoint = env.AWS_ENDPOINT_URL_S3 ?? '';
    const client = new S3Client({ region: env.AWS_REGION ?? '', endpoint, credentials });
    // What the server gave six minutes ago.
    const signer = await createPresigner(client, env.BUCKET ?? '', () => Date.now() - 6 * MINUTE)();
    const headers = { 'content-type': type };
    const { status, text } = await put({ uploadURL: signer.put(objectName, headers), headers }, chelsea);
    assert.equal(status, 403);
    assert.match(text, /Request has expired/);
  });
});

it('an upload URL reads and deletes nothing', async () => {
  const { uploadURL } = await sign(await newPost());
  for (const method of ['GET', 'HEAD', 'DELETE']) {
    assert.equal((await fetch(uploadURL, { method, headers: { 'content-type': type } })).status, 403);
  }
});

it('an upload that breaks off leaves nothing, and its URL still works', async () => {
  const post = await newPost();
  const { uploadURL, headers, objectName } = await sign(post);
  await new Promise<void>((resolve) => {
    const length = { 'content-length': chelsea.length };
    const upload = request(uploadURL, { method: 'PUT', headers: { ...headers, ...length } });
    upload.on('error', () => resolve());
    upload.write(chelsea.subarray(0, 1000), () => upload.destroy(new Error('the user left')));
  });
  assert.deepEqual(await aws.keys(), []);
  assert.equal((await put({ uploadURL, headers }, chelsea)).status, 200);
  assert.deepEqual(await aws.keys(), [objectName]);
  await aws.remove(objectName);
});
