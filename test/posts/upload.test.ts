import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import sharp from 'sharp';
import { eventually } from '../support/eventually.ts';
import { createRenderer } from '../../src/renditions/render.ts';
import { postIn, postsIn } from '../support/shapes.ts';
import { imageOf, photo, put, shownAs, startWholeService } from '../support/whole-service.ts';

const service = await startWholeService({ after });
const { aws, call, newPost, outcome, settled, shown, sign, user } = service;
const [chelsea, coffee] = [await photo('chelsea'), await photo('coffee')];
/** Of which neither network is half sure. */
const rocket = await photo('../../local/demo/photos/rocket');

describe('a photo that is uploaded', () => {
  it('has its labels and can be seen', async () => {
    const post = await newPost();
    assert.equal((await put(await sign(post), chelsea)).status, 200);
    const { status, labels, label, image, error } = await outcome(post);
    assert.deepEqual([status, error], ['labelled', undefined]);
    assert.ok(labels?.includes('Cat'), `${labels}`);
    assert.deepEqual(label, labels);
    assert.deepEqual(await imageOf({ image }), await shownAs(chelsea));
    const response = await fetch(image ?? '');
    assert.equal(response.headers.get('content-type'), 'image/webp');
  });

  it('has its labels soon, once the first one had them', async (t) => {
    const post = await newPost();
    const upload = await sign(post, { filename: 'coffee.jpg' });
    await put(upload, coffee);
    const uploaded = performance.now();
    const { labels } = await outcome(post);
    t.diagnostic(`labels ${Math.round(performance.now() - uploaded)} ms after the upload`);
    assert.ok(labels?.includes('Cup'), `${labels}`);
  });

  it('has an empty list of labels when nothing is sure enough', async () => {
    const post = await newPost();
    await put(await sign(post, { filename: 'rocket.jpg' }), rocket);
    const { status, labels, image } = await outcome(post);
    assert.deepEqual([status, labels], ['labelled', []]);
    assert.deepEqual(await imageOf({ image }), await shownAs(rocket));
  });

  it('is shown in up to four widths, of single posts and of pages, with its size and a placeholder', async () => {
    const post = await newPost();
    await put(await sign(post), coffee);
    await outcome(post);
    const whole = postsIn(await call('GET', `/posts?user=${encodeURIComponent(user)}`));
    for (const { image, ...sized } of whole) {
      assert.ok(image);
      const { thumbnails, width, height, thumbhash } = sized;
      assert.deepEqual(
        [thumbnails, width, height, thumbhash],
        Array(4).fill(undefined),
        'lists of all posts stay small',
      );
    }
    const { thumbhash } = await createRenderer()(async () => coffee);
    const page = postsIn(await call('GET', `/posts?user=${encodeURIComponent(user)}&limit=1`));
    for (const { thumbnails, image, ...sized } of [...page, postIn(await call('GET', post.path))]) {
      assert.deepEqual([sized.width, sized.height, sized.thumbhash], [600, 400, thumbhash]);
      assert.deepEqual(
        thumbnails?.map(({ width }) => width),
        [320, 600],
      );
      assert.equal(thumbnails?.at(-1)?.url, image);
      for (const { width, url } of thumbnails ?? [])
        assert.equal((await sharp(await imageOf({ image: url })).metadata()).width, width);
    }
    assert.equal((await aws.renditions(post.prefix)).length, 2);
    assert.equal((await call('DELETE', post.path, { user })).status, 200);
    assert.deepEqual(await aws.renditions(post.prefix), []);
  });

  it('that is cut off is refused with a reason, and none of it is shown', async () => {
    const post = await newPost();
    await put(await sign(post), chelsea.subarray(0, chelsea.length / 2));
    const { status, error, image } = await outcome(post);
    assert.deepEqual([status, image], ['failed', undefined]);
    assert.match(error ?? '', /incomplete or damaged/);
    await settled();
    assert.deepEqual([await aws.keys(post.prefix), await aws.renditions(post.prefix)], [[], []]);
  });

  it('may be a PNG, of which the size was told', async () => {
    const png = await sharp(chelsea).png().toBuffer();
    const post = await newPost();
    const size = String(png.length);
    const upload = await sign(post, { filename: 'cat.png', filetype: 'image/png', size });
    assert.equal((await put(upload, png)).status, 200);
    const { labels, image } = await outcome(post);
    assert.ok(labels?.includes('Cat'), `${labels}`);
    assert.deepEqual(await imageOf({ image }), await shownAs(png));
  });

  it('is the same in every list, and a stable URL lets browsers keep it', async () => {
    const post = await newPost();
    await put(await sign(post), coffee);
    const lists = [`?user=${encodeURIComponent(user)}&limit=1`, `?user=${encodeURIComponent(user)}`, ''];
    // Once more if the quarter of an hour ends meanwhile, for which the URL is the same.
    await eventually(async () => {
      const labelled = await outcome(post);
      for (const list of lists) {
        const answer = await call('GET', `/posts${list}`);
        const [first] = postsIn(answer);
        assert.ok(first, 'no post yet');
        assert.deepEqual(inWholeLists(first), labelled);
      }
      assert.deepEqual(inWholeLists(postIn(await call('GET', post.path))), labelled);
    });
  });
});

describe('what is no photo', () => {
  it('fails with a reason, keeps no image, and can be uploaded again', async () => {
    const post = await newPost();
    await put(await sign(post, { filename: 'notes.jpg' }), 'a text that is called .jpg');
    const failed = await outcome(post);
    assert.equal(failed.status, 'failed');
    assert.match(failed.error ?? '', /JPEG or PNG/);
    assert.deepEqual([failed.labels, failed.label, failed.image], [undefined, undefined, undefined]);

    const again = await sign(post);
    await put(again, chelsea);
    await settled();
    const { status, labels, error } = await shown(post);
    assert.deepEqual([status, error], ['labelled', undefined]);
    assert.ok(labels?.includes('Cat'));
    assert.deepEqual(await aws.keys(post.prefix), [again.objectName]);
  });

  it('is also half of one', async () => {
    const post = await newPost();
    await put(await sign(post), chelsea.subarray(0, 300));
    assert.equal((await outcome(post)).status, 'failed');
  });

  it('is also one of more than 15 MB, which is not kept', async () => {
    const post = await newPost();
    const padded = Buffer.concat([chelsea, Buffer.alloc(15 * 1024 * 1024)]);
    assert.equal((await put(await sign(post), padded)).status, 200);
    const { status, error } = await outcome(post);
    assert.equal(status, 'failed');
    assert.match(error ?? '', /15 MB/);
    await settled();
    assert.deepEqual(await aws.keys(post.prefix), []);
  });
});

describe('whatever a file is called, its photo can be seen:', () => {
  const names = [
    '../../x',
    '..',
    'a b+c#é.jpg',
    'x?y=z&a=%2F%.jpg',
    '..\\..\\cat.jpg',
    'cafe\u0301 \u{1f408}\u200d\u2b1b.jpg',
    `<>"'\`{}|^[]~!*();:@$,=.jpg`,
    `${'long'.repeat(75)}.jpg`,
    '🐈'.repeat(75),
    'line\nbreak.jpg',
  ];
  for (const filename of names) {
    it(JSON.stringify(filename).slice(0, 40), async () => {
      const post = await newPost();
      const upload = await sign(post, { filename });
      const segments = upload.objectName.split('/');
      assert.equal(segments.length, 3);
      assert.ok(Buffer.byteLength(segments[2] ?? '') <= 36 + 100);
      assert.equal((await put(upload, coffee)).status, 200);
      await settled();
      assert.deepEqual(await imageOf(await shown(post)), await shownAs(coffee));
      assert.deepEqual(await aws.keys(post.prefix), [upload.objectName]);
    });
  }
});

/** A post without what single posts and pages have beside. */
function inWholeLists(post: ReturnType<typeof postIn>) {
  const { thumbnails: _thumbnails, width: _width, height: _height, thumbhash: _thumbhash, ...rest } = post;
  return rest;
}
