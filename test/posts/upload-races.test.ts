import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { deletedIn, problemIn } from '../support/shapes.ts';
import { imageOf, photo, put, shownAs, startWholeService } from '../support/whole-service.ts';

const service = await startWholeService({ after });
const { aws, call, newPost, outcome, settled, shown, sign, user } = service;
const [chelsea, coffee] = [await photo('chelsea'), await photo('coffee')];
const isGone = async (id: string) => assert.equal(await aws.item(user, id), undefined);

describe('after a delete', () => {
  it('a photo that was labelled is gone', async () => {
    const post = await newPost();
    await put(await sign(post), chelsea);
    const { image } = await outcome(post);
    await settled();
    deletedIn(await call('DELETE', post.path, { user }));
    assert.equal((await fetch(image ?? '')).status, 404);
    assert.deepEqual(await aws.keys(post.prefix), []);
  });

  it('a PUT with an earlier URL raises no ghost and leaves no object', async () => {
    const post = await newPost();
    const uploads = [await sign(post), await sign(post)] as const;
    await put(uploads[0], chelsea);
    await outcome(post);
    const items = await aws.countItems();
    deletedIn(await call('DELETE', post.path, { user }));
    for (const upload of uploads) assert.equal((await put(upload, coffee)).status, 200);
    await settled();
    await isGone(post.id);
    assert.equal(await aws.countItems(), items - 1);
    assert.deepEqual(await aws.keys(post.prefix), []);
    problemIn(await call('GET', post.path), 404);
  });

  it('at the same moment as the PUT neither item nor object is left', async () => {
    for (let round = 0; round < 5; round++) {
      const post = await newPost();
      const upload = await sign(post);
      const [deleted] = await Promise.all([call('DELETE', post.path, { user }), put(upload, coffee)]);
      deletedIn(deleted);
      await settled();
      await isGone(post.id);
      assert.deepEqual(await aws.keys(post.prefix), []);
    }
  });
});

describe('of two photos for one post the one signed later stays', () => {
  for (const order of ['in that order', 'the other way round', 'at once'] as const) {
    it(`when they are uploaded ${order}`, async () => {
      const post = await newPost();
      const first = await sign(post, { filename: 'coffee.jpg' });
      const second = await sign(post, { filename: 'cat.jpg' });
      const uploads = [() => put(first, coffee), () => put(second, chelsea)];
      if (order === 'the other way round') uploads.reverse();
      if (order === 'at once') await Promise.all(uploads.map((upload) => upload()));
      else {
        for (const upload of uploads) {
          assert.equal((await upload()).status, 200);
          await settled();
        }
      }
      await settled();
      const found = await shown(post);
      assert.ok(found.labels?.includes('Cat'), `${found.labels}`);
      assert.deepEqual(await imageOf(found), await shownAs(chelsea));
      assert.deepEqual(await aws.keys(post.prefix), [second.objectName]);
    });
  }

  it('and one URL used twice keeps what came last', async () => {
    const post = await newPost();
    const upload = await sign(post);
    for (const body of [coffee, chelsea]) {
      await put(upload, body);
      await settled();
    }
    const found = await shown(post);
    assert.ok(found.labels?.includes('Cat'), `${found.labels}`);
    assert.deepEqual(await imageOf(found), await shownAs(chelsea));
  });
});

describe('an upload URL used once more', () => {
  /** What S3 takes unsigned beside the type. */
  const extra = {
    'content-disposition': 'attachment; filename="invoice.exe"',
    'cache-control': 'public, max-age=31536000',
  };

  it('shows what was sent last, without the headers that came with it', async () => {
    const post = await newPost();
    const upload = await sign(post);
    await put(upload, chelsea);
    await outcome(post);
    await settled();
    const headers = { ...upload.headers, ...extra };
    assert.equal((await put({ ...upload, headers }, coffee)).status, 200);
    await settled();
    const last = await shown(post);
    assert.ok(last.labels?.includes('Cup'), `${last.labels}`);
    const read = await fetch(last.image ?? '');
    assert.deepEqual(Buffer.from(await read.arrayBuffer()), await shownAs(coffee));
    assert.equal(read.headers.get('content-type'), 'image/webp');
    assert.equal(read.headers.get('content-disposition'), null);
    assert.equal(read.headers.get('cache-control'), 'private, max-age=31536000, immutable');
    assert.deepEqual(await aws.keys(post.prefix), [upload.objectName]);
  });

  it('for what is no photo leaves a failed post and no object', async () => {
    const post = await newPost();
    const upload = await sign(post);
    await put(upload, chelsea);
    await outcome(post);
    assert.equal((await put({ ...upload, headers: { ...upload.headers, ...extra } }, 'MZ')).status, 200);
    await settled();
    const { status, image } = await shown(post);
    assert.deepEqual([status, image], ['failed', undefined]);
    assert.deepEqual(await aws.keys(post.prefix), []);
  });

  it('after a photo over 15 MB shows the good one', async () => {
    const post = await newPost();
    const upload = await sign(post);
    const large = put(upload, Buffer.concat([coffee, Buffer.alloc(15 * 1024 * 1024)]));
    assert.equal((await large).status, 200);
    assert.equal((await put(upload, chelsea)).status, 200);
    await settled();
    assert.deepEqual(await imageOf(await shown(post)), await shownAs(chelsea));
    assert.deepEqual(await aws.keys(post.prefix), [upload.objectName]);
  });
});
