// Needs nothing but HTTP: POSTAGRAM_URL=http://… checks a service that runs already.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { createdIn, deletedIn, postIn, postsIn, problemIn, uuidOf } from '../support/shapes.ts';
import { eventually } from '../support/eventually.ts';
import { openService } from '../support/service.ts';

const { call, url } = await openService({ after });
const newUser = () => `user ${randomUUID()}`;
const post = async (user: string, title: string, body = 'a text') =>
  createdIn(await call('POST', '/posts', { user, body: { title, body } }));

describe('POST /posts', () => {
  it('answers 201 with the new post, its place and the metadata of the PutItem', async () => {
    const user = newUser();
    const before = Date.now();
    const answer = await call('POST', '/posts', { user, body: { title: 'A cat', body: 'It sleeps.' } });
    const { $metadata, ...created } = createdIn(answer);
    assert.ok($metadata.requestId);
    assert.deepEqual(
      { ...created, id: undefined, createdAt: undefined },
      { user, id: undefined, title: 'A cat', body: 'It sleeps.', createdAt: undefined, status: 'none' },
    );
    const createdAt = Date.parse(created.createdAt);
    assert.ok(createdAt >= before - 60_000 && createdAt <= Date.now() + 60_000);

    const location = answer.headers.get('location') ?? '';
    assert.equal(new URL(location, url).pathname, `/posts/${uuidOf(created)}`);
    await eventually(async () => assert.deepEqual(postIn(await call('GET', location)), created));
  });

  it('keeps every character of title and text, and ignores other fields', async () => {
    const user = newUser();
    const draft = { title: '« Łódź » 🐈 \\ " <b>', body: 'one\n\ttwo \u0000 __proto__ 日本語' };
    const sent = { ...draft, user: 'somebody else', id: 'x', status: 'labelled', labels: ['Cat'] };
    const created = createdIn(await call('POST', '/posts', { user, body: sent }));
    assert.equal(created.user, user);
    const [stored] = postsIn(await call('GET', `/posts?user=${encodeURIComponent(user)}`));
    assert.deepEqual({ title: stored?.title, body: stored?.body }, draft);
    assert.equal(stored?.status, 'none');
  });
});

describe('GET /posts', () => {
  it('lists the posts of everybody, newest first', async () => {
    const users = [newUser(), newUser()];
    const ids: string[] = [];
    for (let i = 0; i < 12; i++) ids.unshift((await post(users[i % 2] ?? '', `number ${i}`)).id);
    await eventually(async () => {
      const all = postsIn(await call('GET', '/posts'));
      const sorted = all
        .map(({ id }) => id)
        .toSorted()
        .toReversed();
      assert.deepEqual(
        all.map(({ id }) => id),
        sorted,
      );
      assert.equal(new Set(sorted).size, sorted.length);
      assert.deepEqual(
        all.filter(({ user }) => users.includes(user)).map(({ id }) => id),
        ids,
      );
    });
  });

  it('has no label, labels, image or error before a photo is labelled', async () => {
    const user = newUser();
    await post(user, 'no photo');
    const [found] = postsIn(await call('GET', `/posts?user=${user}`));
    assert.deepEqual(Object.keys(found ?? {}).toSorted(), [
      'body',
      'createdAt',
      'id',
      'status',
      'title',
      'user',
    ]);
  });
});

describe('GET /posts?user=', () => {
  for (const parameter of ['user', 'id_user']) {
    it(`lists the posts of one user by ${parameter}, newest first, each right after it was written`, async () => {
      const [user, other] = [newUser(), newUser()];
      await post(other, 'of another');
      const ids: string[] = [];
      for (let i = 0; i < 5; i++) {
        ids.unshift((await post(user, `number ${i}`)).id);
        const found = postsIn(await call('GET', `/posts?${parameter}=${encodeURIComponent(user)}`));
        assert.deepEqual(
          found.map(({ id }) => id),
          ids,
        );
      }
    });
  }

  it('gives an empty array for a user nobody knows', async () => {
    assert.deepEqual(postsIn(await call('GET', `/posts?user=${newUser()}`)), []);
  });

  it('does not take one user for another whose name begins the same', async () => {
    const user = newUser();
    await post(`${user}x`, 'of another');
    assert.deepEqual(postsIn(await call('GET', `/posts?user=${user}`)), []);
  });
});

describe('GET /posts/{id}', () => {
  it('finds a post by its uuid and by its POST# id, in either case', async () => {
    const user = newUser();
    const { $metadata: _, ...created } = await post(user, 'to be found');
    const uuid = uuidOf(created);
    for (const id of [uuid, `POST%23${uuid}`, uuid.toUpperCase(), `POST%23${uuid.toUpperCase()}`]) {
      await eventually(async () => assert.deepEqual(postIn(await call('GET', `/posts/${id}`)), created));
    }
  });

  it('answers 404 for a well-formed id that nobody has, of any version of uuid', async () => {
    const unknown = [
      randomUUID(),
      '0190f0f0-0000-7000-8000-000000000000',
      '6fa459ea-ee8a-11d2-90d4-00c04fd430c8',
      '00000000-0000-0000-0000-000000000000',
      'ffffffff-ffff-ffff-ffff-ffffffffffff',
    ];
    for (const uuid of unknown) {
      problemIn(await call('GET', `/posts/${uuid}`), 404);
      problemIn(await call('GET', `/posts/POST%23${uuid}`), 404);
    }
  });
});

describe('DELETE /posts/{id}', () => {
  it('gives the post that was, once, by its uuid and by its POST# id', async () => {
    const user = newUser();
    for (const prefix of ['', 'POST%23']) {
      const { $metadata: _, ...created } = await post(user, 'to be deleted');
      const path = `/posts/${prefix}${uuidOf(created)}`;
      const { $metadata, Attributes } = deletedIn(await call('DELETE', path, { user }));
      assert.ok($metadata.requestId);
      assert.deepEqual(Attributes, created);
      assert.deepEqual(postsIn(await call('GET', `/posts?user=${user}`)), []);
      problemIn(await call('DELETE', path, { user }), 404);
      await eventually(async () => problemIn(await call('GET', path), 404));
    }
  });

  it("does not find another user's post, and leaves it alone", async () => {
    const [author, other] = [newUser(), newUser()];
    const { $metadata: _, ...created } = await post(author, 'mine');
    problemIn(await call('DELETE', `/posts/${uuidOf(created)}`, { user: other }), 404);
    assert.deepEqual(postsIn(await call('GET', `/posts?user=${author}`)), [created]);
  });
});

describe('HEAD', () => {
  it('answers as GET does, without a body', async () => {
    const user = newUser();
    await post(user, 'seen');
    for (const path of ['/posts', `/posts?user=${user}`, `/posts?user=${user}&limit=1`, '/health']) {
      const [head, get] = [await call('HEAD', path), await call('GET', path)];
      assert.equal(head.status, 200, path);
      assert.equal(head.text, '');
      assert.equal(head.headers.get('content-type'), get.headers.get('content-type'));
      assert.equal(head.headers.get('link'), get.headers.get('link'));
    }
    assert.equal((await call('HEAD', `/posts/${randomUUID()}`)).status, 404);
  });
});

it('GET /health answers 200', async () => {
  assert.equal((await call('GET', '/health')).status, 200);
});
