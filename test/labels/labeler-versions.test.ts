import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import type { Verdict } from '../support/fault-proxy.ts';
import { startLabeledService } from '../support/labeled-service.ts';

const service = await startLabeledService({ after });
const { aws, deliver, dynamo, newPost, putPhoto, read, rekognition, s3, shown, write } = service;

const MB_16 = 16 * 1024 * 1024;
const REFUSED = { status: 400, error: 'InvalidImageFormatException' };
/** What anybody may send unsigned beside a photo. */
const ATTACHED = {
  ContentDisposition: 'attachment; filename="invoice.exe"',
  CacheControl: 'public, max-age=31536000',
};

beforeEach(() => {
  rekognition.asked.length = 0;
  rekognition.answer = () => ['Cat'];
  s3.decide = () => 'pass';
  dynamo.decide = () => 'pass';
});

/** As what it is, for good, and with nothing that came with the upload. */
function assertServed(headers: Headers): void {
  assert.equal(headers.get('content-type'), 'image/webp');
  assert.equal(headers.get('cache-control'), 'private, max-age=31536000, immutable');
  for (const name of ['content-disposition', 'content-encoding', 'content-language', 'expires'])
    assert.equal(headers.get(name), null);
}

const versionsOf = async (key: string) => (await aws.versions(key)).map(({ VersionId }) => VersionId);

describe('the photo shown is the photo that was labelled', () => {
  it('while other bytes lie under its key, whose event has not come', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    await deliver({ key, sequencer: '01' });
    await write(key, '<script>swapped</script>', ATTACHED);
    const { status, text, headers } = await read(post);
    assert.deepEqual([status, text], [200, 'a photo']);
    assertServed(headers);
  });

  it('until the event of the other bytes: refused, they leave no object', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    await deliver({ key, sequencer: '01' });
    await write(key, 'an invoice', ATTACHED);
    rekognition.answer = () => REFUSED;
    await deliver({ key, sequencer: '02' });
    assert.deepEqual([(await shown(post)).status, (await shown(post)).photo], ['failed', undefined]);
    assert.deepEqual(await aws.keys(post.prefix), []);
  });

  it('until the event of the other bytes: labelled, they are shown, and the first are gone', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    await deliver({ key, sequencer: '01' });
    const version = await write(key, 'another photo', ATTACHED);
    rekognition.answer = () => ['Dog'];
    await deliver({ key, sequencer: '02' });
    assert.deepEqual((await shown(post)).labels, ['Dog']);
    const { text, headers } = await read(post);
    assert.equal(text, 'another photo');
    assertServed(headers);
    assert.deepEqual(await versionsOf(key), [version]);
  });

  it('when the other bytes come while it is looked at', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    const [first] = await versionsOf(key);
    rekognition.answer = async (_key, version) => {
      if (version === first) await write(key, 'swapped');
      return ['Cat'];
    };
    await deliver({ key, sequencer: '01' });
    assert.equal((await read(post)).text, 'a photo');
    assert.equal(rekognition.asked[0]?.Image.S3Object.Version, first);
  });

  for (const [what, headers] of Object.entries({
    'Content-Type': { ContentType: 'text/html' },
    'Content-Encoding': { ContentEncoding: 'br' },
    'Content-Language': { ContentLanguage: 'tlh' },
    Expires: { Expires: new Date('2040-01-01') },
  })) {
    it(`and a reader gets nothing of the ${what} that it was sent with`, async () => {
      const post = await newPost();
      const key = await putPhoto(post);
      await write(key, 'a photo', headers);
      await deliver({ key });
      const found = await read(post);
      assert.deepEqual([found.status, found.text], [200, 'a photo']);
      assertServed(found.headers);
    });
  }
});

describe('of a photo over 15 MB and a good one at the same URL the good one stays', () => {
  it('when the event of the large one comes after the PUT of the good one', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    const [large] = await versionsOf(key);
    const good = await write(key, 'a good photo');
    await deliver({ key, version: large, sequencer: '01', size: MB_16 });
    assert.deepEqual(await versionsOf(key), [good]);
    await deliver({ key, sequencer: '02' });
    assert.equal((await read(post)).text, 'a good photo');
    assert.deepEqual(await versionsOf(key), [good]);
  });

  it('when it is PUT while the event of the large one is dealt with', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    const [large] = await versionsOf(key);
    let good: string | undefined;
    dynamo.decide = async ({ operation }): Promise<Verdict> => {
      if (operation === 'UpdateItem' && !good) good = await write(key, 'a good photo');
      return 'pass';
    };
    await deliver({ key, version: large, sequencer: '01', size: MB_16 });
    assert.equal((await shown(post)).status, 'failed');
    assert.deepEqual(await versionsOf(key), [good]);
    await deliver({ key, sequencer: '02' });
    assert.equal((await read(post)).text, 'a good photo');
  });

  it('when its event comes first', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    const [large] = await versionsOf(key);
    const good = await write(key, 'a good photo');
    await deliver({ key, sequencer: '02' });
    await deliver({ key, version: large, sequencer: '01', size: MB_16 });
    assert.equal((await read(post)).text, 'a good photo');
    assert.deepEqual(await versionsOf(key), [good]);
  });
});
