// Needs nothing but HTTP: POSTAGRAM_URL=http://… checks a service that runs already.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { createdIn, problemIn, uploadIn, uuidOf } from '../support/shapes.ts';
import { openService } from '../support/service.ts';

const { call } = await openService({ after });
const user = `user ${randomUUID()}`;
const id = uuidOf(createdIn(await call('POST', '/posts', { user, body: { title: 't', body: 'b' } })));
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;
const MB_15 = 15 * 1024 * 1024;

const ask = (changes: Record<string, string | undefined>, as = user, path = '/signedUrlPut') => {
  const asked = { filename: 'cat.jpg', filetype: 'image/jpeg', postId: id, ...changes };
  const given = Object.entries(asked).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] satisfies [string, string]],
  );
  return call('GET', `${path}?${new URLSearchParams(given)}`, { user: as });
};

describe('GET /signedUrlPut', () => {
  for (const path of ['/signedUrlPut', '/getSignedUrlPut']) {
    for (const postId of [id, `POST#${id}`]) {
      it(`gives a place to upload to: ${path}, ${postId.length} characters of id`, async () => {
        const { uploadURL, objectName, headers } = uploadIn(await ask({ postId }, user, path));
        const [owner, uuid, photo = '', ...rest] = objectName.split('/');
        assert.deepEqual([owner, uuid, rest], [user, id, []]);
        assert.match(photo, UUID_V7);
        assert.equal(photo.slice(36), 'cat.jpg');
        assert.deepEqual(headers, { 'content-type': 'image/jpeg' });
        const { pathname, searchParams } = new URL(uploadURL);
        assert.ok(decodeURIComponent(pathname).endsWith(`/${objectName}`));
        assert.ok(searchParams.get('X-Amz-SignedHeaders')?.split(';').includes('content-type'));
        // The checksum of an empty body, which the SDK signs unless told otherwise.
        assert.ok(!/checksum/i.test(uploadURL));
      });
    }
  }

  it('says for how many seconds', async () => {
    const { uploadURL, expiresIn } = uploadIn(await ask({}));
    assert.equal(new URL(uploadURL).searchParams.get('X-Amz-Expires'), String(expiresIn));
  });

  it('gives each upload a later name', async () => {
    const names: string[] = [];
    for (let i = 0; i < 20; i++) names.push(uploadIn(await ask({})).objectName);
    assert.deepEqual(names, [...new Set(names)].toSorted());
  });

  it('signs the size when it is told', async () => {
    for (const size of ['1', '12345', String(MB_15)]) {
      const { uploadURL } = uploadIn(await ask({ size }));
      const signed = new URL(uploadURL).searchParams.get('X-Amz-SignedHeaders')?.split(';') ?? [];
      assert.deepEqual(signed.toSorted(), ['content-length', 'content-type', 'host']);
    }
  });

  it('takes JPEG and PNG', async () => {
    for (const filetype of ['image/jpeg', 'image/png']) {
      assert.equal(uploadIn(await ask({ filetype })).headers['content-type'], filetype);
    }
  });

  for (const filetype of [
    'image/gif',
    'image/webp',
    'image/svg+xml',
    'text/html',
    'image/jpeg; x',
    'jpg',
    '',
  ]) {
    it(`answers 415 to ${JSON.stringify(filetype)}`, async () => {
      problemIn(await ask({ filetype }), 415);
    });
  }

  it('answers 413 over 15 MB', async () => {
    for (const size of [MB_15 + 1, 1e12]) problemIn(await ask({ size: String(size) }), 413);
  });

  const rows: [string, Record<string, string | undefined>, RegExp][] = [
    ['no filename', { filename: undefined }, /filename/],
    ['an empty filename', { filename: '' }, /filename/],
    ['no filetype', { filetype: undefined }, /filetype/],
    ['no postId', { postId: undefined }, /postId/],
    ['a postId that is none', { postId: 'cat' }, /postId/],
    ['a size of nothing', { size: '0' }, /size/],
    ['a negative size', { size: '-1' }, /size/],
    ['half a byte', { size: '1.5' }, /size/],
    ['a size that is a word', { size: 'big' }, /size/],
  ];
  for (const [what, changes, field] of rows) {
    it(`answers 422 naming the field: ${what}`, async () => {
      assert.match(problemIn(await ask(changes), 422), field);
    });
  }

  it('answers 404 unless the caller owns the post', async () => {
    problemIn(await ask({}, 'somebody else'), 404);
    problemIn(await ask({ postId: randomUUID() }), 404);
    uploadIn(await ask({}));
    problemIn(await ask({}, 'somebody else'), 404);
  });

  it('answers 404 as soon as the post is deleted, though it was signed for a moment before', async () => {
    const body = { title: 't', body: 'b' };
    const postId = uuidOf(createdIn(await call('POST', '/posts', { user, body })));
    uploadIn(await ask({ postId }));
    assert.equal((await call('DELETE', `/posts/${postId}`, { user })).status, 200);
    problemIn(await ask({ postId }), 404);
  });
});
