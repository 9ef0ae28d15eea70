// Needs nothing but HTTP: POSTAGRAM_URL=http://… checks a service that runs already.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { nextPage } from '../support/http-client.ts';
import { createdIn, type Post, postsIn, problemIn } from '../support/shapes.ts';
import { eventually } from '../support/eventually.ts';
import { openService } from '../support/service.ts';

const { call } = await openService({ after });
const user = `Zoë & Co ${randomUUID()}`;
const name = encodeURIComponent(user);
/** Newest first. */
const ids: string[] = [];

before(async () => {
  for (let i = 0; i < 12; i++) {
    const body = { title: `number ${i}`, body: 'x' };
    ids.unshift(createdIn(await call('POST', '/posts', { user, body })).id);
  }
  await eventually(async () => {
    const all = postsIn(await call('GET', '/posts'));
    assert.equal(all.filter((post) => post.user === user).length, ids.length);
  });
});

const cursorOf = async (list: string) => {
  const next = nextPage(await call('GET', `/posts?${list}limit=2`));
  assert.ok(next);
  const cursor = new URL(next, 'http://localhost').searchParams.get('cursor');
  assert.ok(cursor);
  return cursor;
};
const refused = async (query: string) =>
  assert.match(problemIn(await call('GET', `/posts?${query}`), 422), /cursor/);

/** Follows Link to the end. */
async function readPages(first: string, limit: number): Promise<Post[][]> {
  const pages: Post[][] = [];
  for (let path: string | undefined = first; path !== undefined;) {
    const answer = await call('GET', path);
    const page = postsIn(answer);
    pages.push(page);
    assert.ok(page.length <= limit);
    path = nextPage(answer);
    if (path !== undefined) {
      assert.equal(page.length, limit, 'a page with more behind it is full');
      assert.match(path, /^\/posts\?/, 'the URL is relative');
    }
  }
  return pages;
}

describe("a user's posts, page by page", () => {
  // 1, 2, 3, 4, 6 and 12 divide the count: there the last page is full and must name no next one.
  for (const limit of [1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 100]) {
    it(`come all, once and newest first, ${limit} at a time`, async () => {
      const pages = await readPages(`/posts?user=${name}&limit=${limit}`, limit);
      assert.deepEqual(
        pages.flat().map(({ id }) => id),
        ids,
      );
      assert.equal(pages.length, Math.ceil(ids.length / limit));
    });
  }

  it('do not come by both names at once: neither may go unseen', async () => {
    assert.match(problemIn(await call('GET', `/posts?user=${name}&id_user=${name}`), 422), /id_user/);
  });

  it('come by id_user= as well', async () => {
    const pages = await readPages(`/posts?id_user=${name}&limit=5`, 5);
    assert.deepEqual(
      pages.flat().map(({ id }) => id),
      ids,
    );
  });

  it('are not shifted by a post written or deleted between two pages', async () => {
    const author = `author ${randomUUID()}`;
    const write = async () =>
      createdIn(await call('POST', '/posts', { user: author, body: { title: 't', body: 'b' } })).id;
    const first = [await write(), await write(), await write(), await write()].toReversed();
    const answer = await call('GET', `/posts?user=${author}&limit=2`);
    const shown = postsIn(answer).at(-1)?.id ?? '';
    await write();
    // The post that the cursor names may be gone: the cursor is a place in the order, not a post.
    await call('DELETE', `/posts/${encodeURIComponent(shown)}`, { user: author });
    const second = postsIn(await call('GET', nextPage(answer) ?? ''));
    assert.deepEqual(
      second.map(({ id }) => id),
      first.slice(2),
    );
  });

  it('end at once for a user nobody knows', async () => {
    const answer = await call('GET', `/posts?user=${randomUUID()}&limit=3`);
    assert.deepEqual(postsIn(answer), []);
    assert.equal(answer.headers.get('link'), null);
  });
});

describe("everybody's posts, page by page", () => {
  for (const limit of [1, 4, 5, 100]) {
    it(`come all, once and newest first, ${limit} at a time`, async () => {
      const all = (await readPages(`/posts?limit=${limit}`, limit)).flat().map(({ id }) => id);
      assert.deepEqual(all, [...new Set(all)].toSorted().toReversed());
      assert.deepEqual(
        all.filter((id) => ids.includes(id)),
        ids,
      );
    });
  }
});

describe('limit', () => {
  for (const limit of ['0', '101', '-1', '1.5', 'ten', '', '1e1', '0x10', ' 1', '999999999999']) {
    it(`answers 422 to ${JSON.stringify(limit)}`, async () => {
      const detail = problemIn(await call('GET', `/posts?limit=${encodeURIComponent(limit)}`), 422);
      assert.match(detail, /limit/);
    });
  }

  for (const limit of [1, 100]) {
    it(`takes ${limit}`, async () => {
      assert.ok(postsIn(await call('GET', `/posts?limit=${limit}`)).length <= limit);
    });
  }
});

describe('a cursor', () => {
  it('is refused by another list', async () => {
    const [ofUser, ofAll] = [await cursorOf(`user=${name}&`), await cursorOf('')];
    await refused(`limit=2&cursor=${ofUser}`);
    await refused(`user=somebody&limit=2&cursor=${ofUser}`);
    await refused(`user=${name}&limit=2&cursor=${ofAll}`);
  });

  it('is refused when it is broken', async () => {
    const cursor = await cursorOf('');
    const broken = [
      '',
      'x',
      cursor.slice(0, -3),
      cursor.slice(2),
      `${cursor}AAAA`,
      '%00',
      encodeURIComponent('{"id":"POST#x"}'),
      ...['null', '[]', '{}', '[null]', '[null,"POST#x"]', '[null,1]', '[null,null]', '["__proto__"]'].map(
        (json) => Buffer.from(json).toString('base64url'),
      ),
    ];
    for (const text of broken) await refused(`limit=2&cursor=${text}`);
  });
});
