// Needs nothing but HTTP: POSTAGRAM_URL=http://… checks a service that runs already.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { createdIn, deletedIn, postsIn, problemIn, uuidOf } from '../support/shapes.ts';
import { openService } from '../support/service.ts';

const { call } = await openService({ after });
/** Different in every run: the service may keep its posts. */
const run = randomUUID().slice(0, 8);
const draft = { title: 't', body: 'b' };
/** A name as its UTF-8 bytes, which is how curl sends it. */
const utf8 = (name: string) => Buffer.from(name).toString('latin1');
const create = async (header: string) =>
  createdIn(await call('POST', '/posts', { user: header, body: draft }));
const listOf = async (name: string) =>
  postsIn(await call('GET', `/posts?user=${encodeURIComponent(name)}`)).map(({ id }) => id);

describe('a user name', () => {
  const good = [
    'a',
    'Jean-Luc Picard',
    "o'Brien",
    'x@example.org',
    'a+b',
    '100%',
    '%2e%2e',
    'a?b=c&d',
    'USER$x',
    '...',
    'a\\b',
    '~',
    'Zażółć',
    'ß',
    'Łukasz',
    '日本語',
    '🐈‍⬛',
  ].map((name) => `${name}${run}`);

  for (const name of good) {
    it(`is kept as it is: ${name}`, async () => {
      const { user, id } = await create(utf8(name));
      assert.equal(user, name);
      assert.deepEqual(await listOf(name), [id]);
      deletedIn(await call('DELETE', `/posts/POST%23${id.slice(5)}`, { user: utf8(name) }));
    });
  }

  it('has 64 characters at the most, however many bytes they take', async () => {
    const widest = `${run}${'🐈'.repeat(56)}`;
    const { user, id } = await create(utf8(widest));
    assert.equal(user, widest);
    assert.deepEqual(await listOf(widest), [id]);
    assert.equal(
      createdIn(await call('POST', '/posts', { user: 'x'.repeat(64), body: draft })).user.length,
      64,
    );
    const query = `filename=a.jpg&filetype=image/jpeg&postId=${uuidOf({ id })}`;
    assert.equal((await call('GET', `/signedUrlPut?${query}`, { user: utf8(widest) })).status, 200);
  });

  // HTTP itself refuses most control characters in a header: the query has those.
  const bad = {
    'a slash': 'a/b',
    'a number sign': 'a#b',
    'a dot': '.',
    'two dots': '..',
    'a tabulator': 'a\tb',
    'a C1 control character': utf8('a\u0085b'),
    '65 characters': 'x'.repeat(65),
    '65 wide characters': utf8('🐈'.repeat(65)),
  };
  for (const [what, header] of Object.entries(bad)) {
    it(`gets 422: ${what}`, async () => {
      const created = await call('POST', '/posts', { user: header, body: draft });
      assert.match(problemIn(created, 422), /authorization/);
      const deleted = await call('DELETE', `/posts/${randomUUID()}`, { user: header });
      assert.match(problemIn(deleted, 422), /authorization/);
    });
  }

  for (const name of [
    '',
    ' ',
    'a/b',
    'a#b',
    '.',
    '..',
    'a\nb',
    '\u0000',
    'a\u007f',
    'a\u0085',
    'x'.repeat(65),
  ]) {
    it(`gets 422 in the query: ${JSON.stringify(name)}`, async () => {
      for (const parameter of ['user', 'id_user']) {
        const path = `/posts?${parameter}=${encodeURIComponent(name)}`;
        assert.match(problemIn(await call('GET', path), 422), /user/);
        assert.match(problemIn(await call('GET', `${path}&limit=5`), 422), /user/);
      }
    });
  }
});

describe('one user', () => {
  it('is Rémi in latin-1 (browsers) and in UTF-8 (curl)', async () => {
    const name = `Rémi ${run}`;
    const latin1 = await create(name);
    const asUtf8 = await create(utf8(name));
    assert.equal(latin1.user, name);
    assert.equal(asUtf8.user, name);
    assert.deepEqual(await listOf(name), [asUtf8.id, latin1.id]);
    // What was written one way is deleted the other way.
    deletedIn(await call('DELETE', `/posts/${uuidOf(latin1)}`, { user: utf8(name) }));
    deletedIn(await call('DELETE', `/posts/${uuidOf(asUtf8)}`, { user: name }));
  });

  it('is Łukasz, whose name latin-1 cannot hold', async () => {
    const name = `Łukasz ${run}`;
    const { user, id } = await create(utf8(name));
    assert.equal(user, name);
    assert.deepEqual(await listOf(name), [id]);
  });

  it('is a name composed and decomposed', async () => {
    const [composed, decomposed] = [`Zoë ${run}`, `Zoe\u0308 ${run}`];
    const { user, id } = await create(utf8(decomposed));
    assert.equal(user, composed);
    assert.deepEqual(await listOf(composed), [id]);
    assert.deepEqual(await listOf(decomposed), [id]);
  });

  it('is not a name in other letters', async () => {
    const { id } = await create(`case ${run}`);
    assert.deepEqual(await listOf(`CASE ${run}`), []);
    problemIn(await call('DELETE', `/posts/${uuidOf({ id })}`, { user: `Case ${run}` }), 404);
  });
});
