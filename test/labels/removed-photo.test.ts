import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { v7 as uuidv7 } from 'uuid';
import { gate, type Passing, startFaultProxy, type Verdict } from '../support/fault-proxy.ts';
import { startLabeledService } from '../support/labeled-service.ts';
import { startServer } from '../support/service.ts';
import { deletedIn, postsIn, problemIn, uploadIn } from '../support/shapes.ts';

const service = await startLabeledService({ after });
const { aws, call, deliver, header, newPost, putPhoto, read, rekognition, s3, shown, user, write } = service;

// A second server, whose own calls can be held back and refused.
const toTable = await startFaultProxy({ after }, service.env.AWS_ENDPOINT_URL_DYNAMODB ?? '');
const toBuckets = await startFaultProxy({ after }, service.env.AWS_ENDPOINT_URL_S3 ?? '');
const faulty = await startServer(
  { after },
  { ...service.env, AWS_ENDPOINT_URL_DYNAMODB: toTable.url, AWS_ENDPOINT_URL_S3: toBuckets.url },
);

beforeEach(() => {
  rekognition.answer = () => ['Cat'];
  for (const proxy of [s3, toTable, toBuckets]) proxy.decide = () => 'pass';
});

type Post = Awaited<ReturnType<typeof newPost>>;

const removeImage = service.removePhoto;

async function labelledPost() {
  const post = await newPost();
  const key = await putPhoto(post);
  await deliver({ key });
  return { ...post, key };
}

/** No photo, nothing of one, and no object in either bucket. */
async function assertBare(post: Post) {
  const { labels, status, error, photo } = await shown(post);
  assert.deepEqual({ labels, status, error, photo }, { ...NOTHING, status: 'none' });
  assert.deepEqual([await aws.keys(post.prefix), await aws.renditions(post.prefix)], [[], []]);
  const left = Object.keys((await aws.item(user, post.id)) ?? {});
  assert.deepEqual(left.toSorted(), [
    'body',
    'createdAt',
    'id',
    'key',
    'labelRevision',
    'shard',
    'status',
    'title',
    'user',
  ]);
}
const NOTHING = { labels: undefined, error: undefined, photo: undefined };

describe('DELETE /posts/{id}/image', () => {
  it('takes the photo away in all versions, with renditions and labels, and answers the post that was', async () => {
    const [other, post] = [await labelledPost(), await labelledPost()];
    await write(post.key, 'another');
    await deliver({ key: post.key, sequencer: '99' });
    await call('PATCH', post.path, { ...header, body: { labels: ['Tabby'] } });
    const before = postsIn(await call('GET', `/posts?user=${encodeURIComponent(user)}`));
    const { Attributes } = deletedIn(await removeImage(post));
    assert.deepEqual(
      Attributes,
      before.find(({ id }) => id === post.id),
    );
    await assertBare(post);
    assert.equal((await read(other)).status, 200, 'of other posts nothing is touched');
    deletedIn(await removeImage(post));
    await assertBare(post);
  });

  it('takes the error of a refused photo away, too', async () => {
    rekognition.answer = () => ({ status: 400, error: 'InvalidImageFormatException' });
    const post = await labelledPost();
    assert.equal((await shown(post)).status, 'failed');
    deletedIn(await removeImage(post));
    await assertBare(post);
  });

  it("leaves another user's photo alone", async () => {
    const post = await labelledPost();
    problemIn(await call('DELETE', `${post.path}/image`, { user: 'Mallory' }), 404);
    assert.equal((await read(post)).status, 200);
  });

  it('of a post that is deleted raises no ghost', async () => {
    const post = await labelledPost();
    await service.deletePost(post);
    problemIn(await removeImage(post), 404);
    assert.equal(await aws.item(user, post.id), undefined);
  });
});

describe('a photo that was removed does not come back', () => {
  it('when its event comes again, or only then', async () => {
    const post = await labelledPost();
    deletedIn(await removeImage(post));
    for (const sequencer of ['0055AED6DCD90281E5', '01', 'FF']) await deliver({ key: post.key, sequencer });
    await assertBare(post);
    const waiting = await newPost();
    const key = await putPhoto(waiting);
    deletedIn(await removeImage(waiting));
    await deliver({ key });
    await assertBare(waiting);
  });

  it('when it is uploaded once more, or for the first time, to an address from before', async () => {
    const post = await labelledPost();
    const unused = `${post.prefix}${uuidv7()}later.jpg`;
    deletedIn(await removeImage(post));
    for (const key of [post.key, unused]) {
      await write(key, 'once more');
      await deliver({ key, sequencer: 'FF' });
    }
    await assertBare(post);
  });

  it('when the labeler had it in hand: before its pixels are put, before they are published, before it has tidied', async () => {
    const steps: ((passing: Passing) => boolean)[] = [
      ({ operation }) => operation === 'PUT',
      ({ operation }) => operation === 'UpdateItem',
      ({ operation, url }) => operation === 'GET' && url.includes('versions'),
    ];
    for (const isStep of steps) {
      for (const existing of [true, false]) {
        const post = existing ? await labelledPost() : await newPost();
        const key = await putPhoto(post);
        const { opened, open } = gate();
        const reached = gate();
        const decide = async (passing: Passing): Promise<Verdict> => {
          if (!isStep(passing)) return 'pass';
          reached.open();
          await opened;
          return 'pass';
        };
        s3.decide = decide;
        service.dynamo.decide = decide;
        const run = deliver({ key });
        await reached.opened;
        // The server's own calls go past this proxy.
        deletedIn(await removeImage(post));
        open();
        await run;
        s3.decide = () => 'pass';
        service.dynamo.decide = () => 'pass';
        await assertBare(post);
      }
    }
  });

  it('when everything comes at once', async () => {
    for (let round = 0; round < 5; round++) {
      const post = await labelledPost();
      const key = await putPhoto(post);
      const again = () => deliver({ key: post.key }, { key });
      await Promise.all([again(), removeImage(post), again(), removeImage(post), again()]);
      await assertBare(post);
    }
  });

  it('when it was signed by a server whose clock is ahead', async () => {
    const post = await newPost();
    const key = `${post.prefix}${uuidv7({ msecs: Date.now() + 3_600_000 })}ahead.jpg`;
    await write(key);
    await deliver({ key });
    assert.equal((await shown(post)).photo, key);
    deletedIn(await removeImage(post));
    await deliver({ key });
    await assertBare(post);
  });
});

describe('a photo that is signed after a removal', () => {
  it('is shown with its labels', async () => {
    const post = await labelledPost();
    deletedIn(await removeImage(post));
    const query = new URLSearchParams({ filename: 'b.jpg', filetype: 'image/jpeg', postId: post.id });
    const { objectName } = uploadIn(await call('GET', `/signedUrlPut?${query}`, header));
    rekognition.answer = () => ['Dog'];
    await write(objectName, 'the new one');
    await deliver({ key: objectName }, { key: post.key });
    const { labels, status } = await shown(post);
    assert.deepEqual([labels, status], [['Dog'], 'labelled']);
    assert.equal((await read(post)).text, 'the new one');
    assert.deepEqual(await aws.keys(post.prefix), [objectName]);
  });

  it('stays when the removal has not looked at the buckets yet', async () => {
    const post = await labelledPost();
    const { opened, open } = gate();
    const reached = gate();
    toBuckets.decide = async (): Promise<Verdict> => {
      reached.open();
      await opened;
      return 'pass';
    };
    const removal = faulty.call('DELETE', `${post.path}/image`, header);
    await reached.opened;
    const key = await putPhoto(post);
    await deliver({ key });
    open();
    deletedIn(await removal);
    assert.equal((await shown(post)).photo, key);
    assert.equal((await read(post)).status, 200);
    assert.deepEqual(await aws.keys(post.prefix), [key]);
  });

  it('goes as well when it was stored before the removal was', async () => {
    const post = await labelledPost();
    let key = '';
    toTable.decide = async ({ operation }): Promise<Verdict> => {
      if (operation !== 'UpdateItem' || key !== '') return 'pass';
      // Larger than the mark of the removal that is on its way.
      key = await putPhoto(post);
      await deliver({ key });
      return 'pass';
    };
    const { Attributes } = deletedIn(await faulty.call('DELETE', `${post.path}/image`, header));
    assert.notEqual(key, '');
    assert.ok(Attributes.image);
    await assertBare(post);
  });
});

it('a removal that fails at a bucket shows no photo any more, and can be tried again', async () => {
  for (const isCut of [() => true, (url: string) => url.includes('list-type')]) {
    const post = await labelledPost();
    toBuckets.decide = ({ url }) => (isCut(url) ? 'cut' : 'pass');
    problemIn(await faulty.call('DELETE', `${post.path}/image`, header), 503);
    assert.equal((await shown(post)).status, 'none');
    toBuckets.decide = () => 'pass';
    deletedIn(await faulty.call('DELETE', `${post.path}/image`, header));
    await assertBare(post);
  }
});

it('a removal that fails at the table has touched nothing', async () => {
  const post = await labelledPost();
  toTable.decide = ({ operation }) => (operation === 'UpdateItem' ? 'cut' : 'pass');
  problemIn(await faulty.call('DELETE', `${post.path}/image`, header), 503);
  assert.equal((await read(post)).status, 200);
});
