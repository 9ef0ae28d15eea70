import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { gate, type Verdict } from '../support/fault-proxy.ts';
import { startLabeledService } from '../support/labeled-service.ts';

const service = await startLabeledService({ after });
const { aws, deliver, dynamo, newPost, putPhoto, read, rekognition, s3, shown, user, write } = service;

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

const versionsOf = async (key: string) => (await aws.versions(key)).map(({ VersionId }) => VersionId);

describe('the photo shown is the photo that was labelled', () => {
  it('while other bytes lie under its key, whose event has not come', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    await deliver({ key, sequencer: '01' });
    await write(key, '<script>swapped</script>', ATTACHED);
    const { status, text, headers } = await read(post);
    assert.deepEqual([status, text], [200, 'a photo']);
    assert.equal(headers.get('content-type'), 'image/jpeg');
    assert.equal(headers.get('content-disposition'), 'inline; filename=photo.jpg');
    assert.equal(headers.get('cache-control'), 'private, max-age=3600');
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
    assert.equal(headers.get('content-disposition'), 'inline; filename=photo.jpg');
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

  it('with its type: a PNG is served as one', async () => {
    const post = await newPost();
    const key = await putPhoto(post, 'cat.png');
    await write(key, 'a photo', { ContentType: 'image/png' });
    await deliver({ key });
    const { headers } = await read(post);
    assert.equal(headers.get('content-type'), 'image/png');
    assert.equal(headers.get('content-disposition'), 'inline; filename=photo.png');
  });

  it('and of no other type than the two that an upload can be signed for', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    await write(key, '<script>', { ContentType: 'text/html' });
    await deliver({ key });
    assert.equal((await read(post)).headers.get('content-type'), 'image/jpeg');
  });

  for (const [what, headers] of Object.entries({
    'Content-Encoding': { ContentEncoding: 'br' },
    'Content-Language': { ContentLanguage: 'tlh' },
    Expires: { Expires: new Date('2040-01-01') },
  })) {
    it(`and was sent without ${what}: a reader would get that, too`, async () => {
      const post = await newPost();
      const key = await putPhoto(post);
      await write(key, 'a photo', headers);
      await deliver({ key });
      const { status, error } = await shown(post);
      assert.equal(status, 'failed');
      assert.match(error ?? '', new RegExp(what));
      assert.deepEqual(rekognition.asked, []);
      assert.deepEqual(await aws.keys(post.prefix), []);
    });
  }
});

it('a post labelled before versions were stored has the URL of its key alone, with our headers', async () => {
  const post = await newPost();
  const key = await putPhoto(post);
  await write(key, 'a photo', ATTACHED);
  await deliver({ key });
  const item = await aws.item(user, post.id);
  assert.ok(item?.version && item.type);
  await aws.forget(user, post.id, 'version', 'type');
  const { status, text, headers } = await read(post);
  assert.deepEqual([status, text], [200, 'a photo']);
  assert.equal(headers.get('content-type'), 'image/jpeg');
  assert.equal(headers.get('content-disposition'), 'inline; filename=photo.jpg');
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

describe('of many PUTs to one URL', () => {
  const COUNT = 60;

  /** Their events, in the order of the PUTs. */
  async function putMany(key: string) {
    const events = [];
    for (let n = 0; n < COUNT; n++) {
      const version = await write(key, `photo ${n}`);
      events.push({ key, version, sequencer: n.toString(16).padStart(4, '0') });
    }
    return events;
  }

  const orders: Record<string, <T>(events: T[]) => T[]> = {
    'in their order': (events) => events,
    'in the opposite order': (events) => events.toReversed(),
    'in any order, each more than once': (events) =>
      [...events, ...events].map((_, n, all) => all[(n * 37) % all.length] ?? all[0]).flatMap((e) => e ?? []),
  };
  for (const [order, arrange] of Object.entries(orders)) {
    it(`one is paid for, and the last stays: events ${order}`, async () => {
      const post = await newPost();
      const key = await putPhoto(post);
      const events = await putMany(key);
      for (const event of arrange(events)) await deliver(event);
      assert.equal(rekognition.asked.length, 1);
      assert.equal((await read(post)).text, `photo ${COUNT - 1}`);
      assert.deepEqual(await versionsOf(key), [events.at(-1)?.version]);
    });
  }

  it('one is paid for when all events come at once', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    const events = await putMany(key);
    await Promise.all(events.map((event) => deliver(event)));
    assert.equal(rekognition.asked.length, 1);
    assert.equal((await read(post)).text, `photo ${COUNT - 1}`);
    assert.deepEqual(await versionsOf(key), [events.at(-1)?.version]);
  });

  it('those that follow while one is looked at are one more', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    const looking = gate();
    rekognition.answer = async () => {
      if (rekognition.asked.length === 1) await looking.opened;
      return ['Cat'];
    };
    const first = deliver({ key, sequencer: '' });
    const events = await putMany(key);
    await Promise.all(events.map((event) => deliver(event)));
    looking.open();
    await first;
    assert.equal(rekognition.asked.length, 2);
    assert.equal((await read(post)).text, `photo ${COUNT - 1}`);
    assert.deepEqual(await versionsOf(key), [events.at(-1)?.version]);
  });

  it('none is paid for when the post is gone, and no ghost and no object is left', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    const events = await putMany(key);
    await service.deletePost(post);
    const late = await write(key, 'late');
    for (const event of [...events, { key, version: late, sequencer: 'ff' }]) await deliver(event);
    assert.deepEqual(rekognition.asked, []);
    assert.equal(await aws.item(user, post.id), undefined);
    assert.deepEqual(await aws.keys(post.prefix), []);
  });

  it('all are deleted with their post, and with it what was hidden under a delete marker', async () => {
    const post = await newPost();
    const key = await putPhoto(post);
    await putMany(key);
    await aws.hide(key);
    await aws.hide(`${post.prefix}never was`);
    assert.equal((await aws.keys(post.prefix)).length, COUNT + 3);
    assert.equal((await service.deletePost(post)).status, 200);
    assert.deepEqual(await aws.keys(post.prefix), []);
  });
});

it('more older versions are deleted than S3 lists or deletes in one call, and not a newer one', async () => {
  const post = await newPost();
  const old = await putPhoto(post, 'old.jpg');
  for (let n = 0; n < 1_050; n += 50) await Promise.all(Array.from({ length: 50 }, () => write(old, 'x')));
  const key = await putPhoto(post, 'new.jpg');
  for (let n = 0; n < 1_000; n += 50) await Promise.all(Array.from({ length: 50 }, () => write(key, 'x')));
  const version = await write(key, 'the one');
  let newer: string | undefined;
  rekognition.answer = async () => {
    newer = await write(key, 'newer');
    return ['Cat'];
  };
  await deliver({ key, version });
  assert.deepEqual(await versionsOf(post.prefix), [newer, version]);
});
