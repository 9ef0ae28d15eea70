import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { v7 as uuidv7 } from 'uuid';
import { eventually } from '../support/eventually.ts';
import { startLabeledService } from '../support/labeled-service.ts';
import { startServer } from '../support/service.ts';
import { problemIn } from '../support/shapes.ts';

const service = await startLabeledService({ after });
const { aws, call, deletePost, deliver, newPost, putPhoto, rekognition, removePhoto } = service;
rekognition.answer = () => ['Cat'];
// The service's own, by its address: `call` goes where it is led to.
const { url } = await startServer({ after }, service.env);

async function ask(path: string, method = 'GET') {
  const { status, headers } = await fetch(`${url}${path}/image`, { method, redirect: 'manual' });
  return { status, location: headers.get('location') ?? '', caching: headers.get('cache-control') };
}

/** A post with a photo of that size. */
async function postOf(width: number, height: number) {
  const post = await newPost();
  const key = `${post.prefix}${uuidv7()}a.jpg`;
  const photo = sharp({ create: { width, height, channels: 3, background: 'teal' } });
  const { VersionId } = await aws.put(key, await photo.jpeg().toBuffer());
  await deliver({ key, version: VersionId });
  return post;
}

for (const [size, [width, height], [shownWidth, shownHeight]] of [
  ['of 2048 pixels and more', [2400, 1200], [1280, 640]],
  ['between 1280 and 2048', [1600, 1200], [1280, 960]],
  ['that is small', [300, 200], [300, 200]],
  ['a hundred times as high as wide', [16, 1600], [16, 1600]],
] as const) {
  test(`leads to a photo ${size} in the widest rendition of at most 1280 pixels`, async () => {
    const { path } = await postOf(width, height);
    await eventually(async () => assert.equal((await ask(path)).status, 302));
    const { location } = await ask(path);
    const answer = await fetch(location);
    assert.equal(answer.headers.get('content-type'), 'image/webp');
    const shown = await sharp(Buffer.from(await answer.arrayBuffer())).metadata();
    assert.deepEqual([shown.width, shown.height], [shownWidth, shownHeight]);
  });
}

test('may be kept by anybody for a minute, far less than what it leads to lives', async () => {
  const { path } = await postOf(300, 200);
  await eventually(async () => assert.equal((await ask(path)).status, 302));
  for (const method of ['GET', 'HEAD']) {
    const { status, location, caching } = await ask(path, method);
    assert.deepEqual([status, caching], [302, 'public, max-age=60']);
    // A name such as Zoë Müller is in it, as addresses say such.
    assert.match(location, /^http:\/\/[!-~]+\/300\.webp\?X-Amz-[!-~]+$/);
    assert.match(location, /X-Amz-Expires=3600/);
  }
});

test('is a 404 without a photo, or a post, or once either is gone, and a 422 where there can be no post', async () => {
  const [bare, noMorePhoto, noMore] = [await newPost(), await newPost(), await newPost()];
  for (const post of [noMorePhoto, noMore]) await deliver({ key: await putPhoto(post) });
  for (const { path } of [noMorePhoto, noMore])
    await eventually(async () => assert.equal((await ask(path)).status, 302));
  await removePhoto(noMorePhoto);
  await deletePost(noMore);
  for (const path of [bare.path, noMorePhoto.path, noMore.path, `/posts/${randomUUID()}`])
    await eventually(async () =>
      assert.equal(problemIn(await call('GET', `${path}/image`), 404), 'There is no such photo.'),
    );
  problemIn(await call('GET', '/posts/none/image'), 422);
});

test('is none where the photo was refused', async () => {
  const post = await newPost();
  const key = `${post.prefix}${uuidv7()}a.jpg`;
  const { VersionId } = await aws.put(key, 'no photo');
  await deliver({ key, version: VersionId });
  assert.equal((await service.shown(post)).status, 'failed');
  problemIn(await call('GET', `${post.path}/image`), 404);
});
