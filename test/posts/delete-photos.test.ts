import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { viewAws } from '../support/aws-view.ts';
import { startFaultProxy, type Verdict } from '../support/fault-proxy.ts';
import { openCloud, startServer } from '../support/service.ts';
import { createdIn, deletedIn, postsIn, problemIn, uploadIn, uuidOf } from '../support/shapes.ts';

const { env } = await openCloud({ after }, { labels: false });
const dynamo = await startFaultProxy({ after }, env.AWS_ENDPOINT_URL_DYNAMODB ?? '');
const s3 = await startFaultProxy({ after }, env.AWS_ENDPOINT_URL_S3 ?? '');
const { call } = await startServer(
  { after },
  { ...env, AWS_ENDPOINT_URL_DYNAMODB: dynamo.url, AWS_ENDPOINT_URL_S3: s3.url },
);
const { keys, put, remove } = viewAws(env);
const user = 'Ann';

beforeEach(() => {
  dynamo.decide = () => 'pass';
  s3.decide = () => 'pass';
});

/** A post with a photo that nobody labels. */
async function postWithPhoto() {
  const uuid = uuidOf(createdIn(await call('POST', '/posts', { user, body: { title: 't', body: 'b' } })));
  const query = `filename=a.png&filetype=image/png&postId=${uuid}`;
  const { uploadURL, headers } = uploadIn(await call('GET', `/signedUrlPut?${query}`, { user }));
  assert.equal((await fetch(uploadURL, { method: 'PUT', headers, body: 'a photo' })).status, 200);
  return { path: `/posts/${uuid}`, prefix: `${user}/${uuid}/` };
}

const isListed = async () => postsIn(await call('GET', `/posts?user=${user}`)).length === 1;

describe('a delete', () => {
  it("removes the post's photos and no others", async () => {
    const [first, second] = [await postWithPhoto(), await postWithPhoto()];
    await put(`${first.prefix.slice(0, -1)}x/other`, 'not of this post');
    deletedIn(await call('DELETE', first.path, { user }));
    assert.deepEqual(await keys(first.prefix), []);
    assert.equal((await keys()).length, 2);
    assert.equal((await keys(second.prefix)).length, 1);
    deletedIn(await call('DELETE', second.path, { user }));
  });

  it('removes more photos than S3 lists or deletes in one call', async () => {
    const { path, prefix } = await postWithPhoto();
    // A delete looks twice: two pages are not enough to tell.
    for (let i = 0; i < 2050; i += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, j) => put(`${prefix}${i + j} & <b>`, 'x')));
    }
    assert.equal((await keys(prefix)).length, 1000, 'a page of the list is full');
    deletedIn(await call('DELETE', path, { user }));
    assert.deepEqual(await keys(prefix), []);
  });

  it('removes a photo that lands between the first look and the end', async () => {
    const { path, prefix } = await postWithPhoto();
    dynamo.decide = async ({ operation }): Promise<Verdict> => {
      if (operation === 'DeleteItem') await put(`${prefix}late`, 'x');
      return 'pass';
    };
    deletedIn(await call('DELETE', path, { user }));
    assert.deepEqual(await keys(prefix), []);
  });

  it("leaves the photos of another user's post alone", async () => {
    const { path, prefix } = await postWithPhoto();
    problemIn(await call('DELETE', path, { user: 'Bob' }), 404);
    assert.equal((await keys(prefix)).length, 1);
    deletedIn(await call('DELETE', path, { user }));
  });
});

describe('a delete that fails half way can be tried again:', () => {
  it('at the photos, the post is still there', async () => {
    const { path, prefix } = await postWithPhoto();
    s3.decide = () => 'cut';
    problemIn(await call('DELETE', path, { user }), 503);
    assert.ok(await isListed());
    s3.decide = () => 'pass';
    deletedIn(await call('DELETE', path, { user }));
    assert.deepEqual(await keys(prefix), []);
  });

  for (const [code, status] of [
    ['AccessDenied', 500],
    ['InternalError', 503],
    ['SlowDown', 503],
  ] as const) {
    it(`at one photo that S3 keeps (${code}), the post is still there`, async () => {
      const { path, prefix } = await postWithPhoto();
      const body =
        `<?xml version="1.0"?><DeleteResult><Error><Key>k</Key><Code>${code}</Code>` +
        '<Message>Not now</Message></Error></DeleteResult>';
      s3.decide = ({ operation }) => (operation === 'POST' ? { status: 200, body } : 'pass');
      problemIn(await call('DELETE', path, { user }), status);
      assert.ok(await isListed());
      s3.decide = () => 'pass';
      deletedIn(await call('DELETE', path, { user }));
      assert.deepEqual(await keys(prefix), []);
    });
  }

  it('but not for a version that is gone already', async () => {
    const { path, prefix } = await postWithPhoto();
    const body =
      '<?xml version="1.0"?><DeleteResult><Error><Key>k</Key><VersionId>v</VersionId><Code>NoSuchVersion</Code>' +
      '<Message>The specified version does not exist.</Message></Error></DeleteResult>';
    s3.decide = ({ operation }) => (operation === 'POST' ? { status: 200, body } : 'pass');
    deletedIn(await call('DELETE', path, { user }));
    s3.decide = () => 'pass';
    for (const key of await keys(prefix)) await remove(key);
  });

  it('at the item, which is still there without its photos', async () => {
    const { path, prefix } = await postWithPhoto();
    dynamo.decide = ({ operation }) => (operation === 'DeleteItem' ? 'cut' : 'pass');
    problemIn(await call('DELETE', path, { user }), 503);
    assert.deepEqual(await keys(prefix), []);
    assert.ok(await isListed());
    dynamo.decide = () => 'pass';
    deletedIn(await call('DELETE', path, { user }));
  });
});
