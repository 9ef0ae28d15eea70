import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { gate, startFaultProxy, type Verdict } from '../support/fault-proxy.ts';
import { nextPage } from '../support/http-client.ts';
import { writePosts } from '../support/many-posts.ts';
import { openCloud, startServer } from '../support/service.ts';
import { postsIn } from '../support/shapes.ts';

// DynamoDB ends a page at 1 MB: a shard of everybody's list holds 1.5 MB here, the list of one user 3 MB.
const { env } = await openCloud({ after }, { labels: false });
const dynamo = await startFaultProxy({ after }, env.AWS_ENDPOINT_URL_DYNAMODB ?? '');
const { call, url } = await startServer({ after }, { ...env, AWS_ENDPOINT_URL_DYNAMODB: dynamo.url });
const ofAnn = await writePosts(env, { user: 'Ann', count: 50, bytes: 60_000 });
const ofBob = await writePosts(env, { user: 'Bob', count: 50, bytes: 60_000 });
const all = [...ofBob, ...ofAnn];
const idsOf = (posts: { id: string }[]) => posts.map(({ id }) => id);

describe('a table of several MB', () => {
  it('takes more than one page of DynamoDB', async (t) => {
    const pages: number[] = [];
    dynamo.decide = () => {
      pages.push(1);
      return 'pass';
    };
    t.after(() => void (dynamo.decide = () => 'pass'));
    await call('GET', '/posts?user=Ann');
    assert.ok(pages.length >= 3, `${pages.length} pages`);
    await call('GET', '/posts');
    assert.ok(pages.length >= 3 + 8, `${pages.length} pages`);
  });

  it('is listed whole, newest first', async () => {
    const answer = await call('GET', '/posts');
    assert.deepEqual(idsOf(postsIn(answer)), all);
    assert.equal(answer.headers.get('content-length'), null);
  });

  it('is listed whole for one user', async () => {
    assert.deepEqual(idsOf(postsIn(await call('GET', '/posts?user=Ann'))), ofAnn);
  });

  for (const [path, ids, limit] of [
    ['/posts?limit=100', all, 100],
    ['/posts?limit=33', all, 33],
    ['/posts?user=Bob&limit=40', ofBob, 40],
  ] as const) {
    it(`is paged whole: ${path}`, async () => {
      const found: string[] = [];
      for (let next: string | undefined = path; next !== undefined;) {
        const answer = await call('GET', next);
        const page = idsOf(postsIn(answer));
        assert.equal(page.length, Math.min(limit, ids.length - found.length));
        found.push(...page);
        next = nextPage(answer);
      }
      assert.deepEqual(found, ids);
    });
  }

  it('is streamed: its beginning is there before its end is read from the database', async (t) => {
    const more = gate();
    let pages = 0;
    dynamo.decide = async (): Promise<Verdict> => {
      pages += 1;
      if (pages > 2) await more.opened;
      return 'pass';
    };
    t.after(() => void (dynamo.decide = () => 'pass'));
    const response = await fetch(new URL('/posts?user=Ann', url));
    assert.ok(response.body);
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      if (text === '') more.open();
      text += chunk;
    }
    assert.ok(pages > 2);
    const posts = JSON.parse(text) as { id: string }[];
    assert.deepEqual(idsOf(posts), ofAnn);
  });
});
