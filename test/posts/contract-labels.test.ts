import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as v from 'valibot';
import { startLabeledService } from '../support/labeled-service.ts';
import { postsIn, problemIn } from '../support/shapes.ts';

const service = await startLabeledService({ after });
const { aws, call, deliver, newPost, putPhoto, rekognition } = service;

const POSTS = 25;
const NAMES = ['Cup', 'Café & Bar #1', 'Cuckoo'];
const ids: string[] = [];

before(async () => {
  rekognition.answer = () => NAMES;
  for (let n = 0; n < POSTS; n++) {
    const post = await newPost();
    await deliver({ key: await putPhoto(post) });
    ids.unshift(post.id);
  }
});

const list = (query: Record<string, string>) => call('GET', `/posts?${new URLSearchParams(query)}`);
const idsOf = (answer: Awaited<ReturnType<typeof list>>) => postsIn(answer).map(({ id }) => id);
const nextOf = ({ headers }: { headers: Headers }) =>
  /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];

describe('GET /posts?label=', () => {
  it('goes on page by page to the end, newest first, whatever the case and the characters of the label', async () => {
    for (const label of ['cUP', 'CAFÉ & bar #1', 'Cafe\u0301 & Bar #1']) {
      const found: string[] = [];
      let url: string | undefined = `/posts?${new URLSearchParams({ label, limit: '10' })}`;
      const pages: number[] = [];
      while (url !== undefined) {
        const answer = await call('GET', url);
        const page = idsOf(answer);
        pages.push(page.length);
        found.push(...page);
        url = nextOf(answer);
        assert.ok(pages.length <= 4);
      }
      assert.deepEqual(found, ids, label);
      assert.deepEqual(pages, [10, 10, 5]);
    }
  });

  it('is a page of 20 without a limit, with all that lays out its photos, and an ETag', async () => {
    const answer = await list({ label: 'Cup' });
    const [first, ...others] = postsIn(answer);
    assert.equal(others.length, 19);
    assert.ok(first?.thumbnails && first.width);
    const headers = { 'if-none-match': answer.headers.get('etag') ?? '' };
    assert.equal((await call('GET', '/posts?label=cup', { headers })).status, 304);
  });

  it('is empty for a label that nobody has', async () => {
    const answer = await list({ label: 'nobody has it' });
    assert.deepEqual([idsOf(answer), nextOf(answer)], [[], undefined]);
  });

  it('refuses what is none, in one line that names it', async () => {
    const cursor = new URL(nextOf(await list({ label: 'Cup' })) ?? '', 'http://x').searchParams.get('cursor');
    for (const [query, said] of [
      [{ label: '' }, /^label: .*empty/],
      [{ label: ' \t' }, /^label: .*empty/],
      [{ label: 'x'.repeat(51) }, /^label: .*50 characters/],
      [{ label: 'Cup', user: 'ana' }, /^label: /],
      [{ label: 'Cup', limit: '0' }, /^limit: /],
      [{ label: 'Cup', cursor: 'broken' }, /^cursor: is broken/],
      [{ label: 'Cuckoo', cursor: cursor ?? '' }, /^cursor: belongs to another list/],
      [{ user: 'cup', limit: '5', cursor: cursor ?? '' }, /^cursor: belongs to another list/],
      [{ limit: '5', cursor: cursor ?? '' }, /^cursor: belongs to another list/],
    ] as const)
      assert.match(problemIn(await list(query), 422), said, JSON.stringify(query));
  });

  it('passes over what is left over, and goes on where that is much', async () => {
    rekognition.answer = () => ['Saucer'];
    const posts = [await newPost(), await newPost()];
    for (const post of posts) await deliver({ key: await putPhoto(post) });
    // 300 that are newer, of posts that nobody has: more than are looked at for one page.
    await aws.putEntries('saucer', 300);
    const short = await list({ label: 'Saucer', limit: '1' });
    assert.deepEqual(idsOf(short), []);
    const first = await call('GET', nextOf(short) ?? assert.fail());
    const last = await call('GET', nextOf(first) ?? assert.fail());
    assert.deepEqual([...idsOf(first), ...idsOf(last)], posts.map(({ id }) => id).toReversed());
    assert.equal(nextOf(last), undefined);
  });
});

const counted = (label: string) => ({ label, count: POSTS, more: false });
const labels = v.array(v.strictObject({ label: v.string(), count: v.number(), more: v.boolean() }));
const labelsIn = async (query: Record<string, string>) =>
  v.parse(labels, (await call('GET', `/labels?${new URLSearchParams(query)}`)).json);

describe('GET /labels', () => {
  it('has those that begin so, by their names, with how many posts have them', async () => {
    assert.deepEqual(await labelsIn({ prefix: 'cu' }), ['Cuckoo', 'Cup'].map(counted));
    assert.deepEqual(await labelsIn({ prefix: 'CUP' }), [counted('Cup')]);
    assert.deepEqual(await labelsIn({ prefix: 'c', limit: '1' }), [counted('Café & Bar #1')]);
    assert.deepEqual(await labelsIn({ prefix: 'x' }), []);
    assert.ok((await labelsIn({})).length >= 3);
  });

  it('has none that no post has', async () => {
    rekognition.answer = () => ['Cutlery'];
    const post = await newPost();
    await deliver({ key: await putPhoto(post) });
    await service.deletePost(post);
    assert.deepEqual(await labelsIn({ prefix: 'cutl' }), []);
  });

  it('counts to 1,000, and says that there are more', async () => {
    await aws.putEntries('many', 1_001);
    assert.deepEqual(await labelsIn({ prefix: 'many' }), [{ label: 'many', count: 1_000, more: true }]);
  });

  it('refuses what it does not know, in one line that names it', async () => {
    for (const [query, said] of [
      [{ prefix: 'x'.repeat(51) }, /^prefix: .*50 characters/],
      [{ limit: '21' }, /^limit: .*20/],
    ] as const)
      assert.match(problemIn(await call('GET', `/labels?${new URLSearchParams(query)}`), 422), said);
  });
});
