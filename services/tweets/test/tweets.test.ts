import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import * as v from 'valibot';
import { ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { connect } from '../../../test/support/http-client.ts';
import { openServiceWays } from '../../../test/support/service-ways.ts';
import { problemIn } from '../../../test/support/shapes.ts';

const { ways, cloud } = await openServiceWays({ after }, 'tweets');

type Call = ReturnType<typeof connect>;

const tweetOf = (userId: string, id: string, changes: object = {}) => ({
  userId,
  id,
  tweetInfo: { userName: 'アダ', createdAt: '2024-01-01T00:00:00.000Z' },
  tweetContent: { message: 'こんにちは 👋 "quoted"', imgName: '' },
  tweetUserAction: { good: 0, comments: [] },
  ...changes,
});
const at = (createdAt: string) => ({ tweetInfo: { userName: 'a', createdAt } });

const fetchedSchema = v.strictObject({
  tweets: v.array(v.looseObject({ userId: v.string(), id: v.string() })),
  cursor: v.optional(v.string()),
});

const post = (call: Call, path: string, body: unknown) => call('POST', path, { body });

async function create(call: Call, tweet: object) {
  const { status, json } = await post(call, '/api/create_tweet/', tweet);
  assert.deepEqual([status, json], [200, { isSuccess: true }]);
}

async function fetchTweets(call: Call, body: object) {
  const answer = await post(call, '/api/fetch_tweet/', body);
  assert.equal(answer.status, 200, answer.text);
  return v.parse(fetchedSchema, answer.json);
}

async function idsOf(call: Call, body: object) {
  return (await fetchTweets(call, body)).tweets.map(({ id }) => id);
}

async function urlOf(call: Call, path: string, body: object): Promise<string> {
  const answer = await post(call, path, body);
  assert.equal(answer.status, 200, answer.text);
  return v.parse(v.strictObject({ presignedUrl: v.pipe(v.string(), v.url()) }), answer.json).presignedUrl;
}

for (const [number, { way, call }] of ways.entries()) {
  const user = (name: string) => `${name}+${number}@example.co.jp`;

  describe(`over ${way}`, () => {
    it('a page’s four calls work for a user whose id is an e-mail address, with a slash at the end of each', async () => {
      const userId = user('ada.lovelace');
      const tweet = tweetOf(userId, 'one');
      await create(call, tweet);
      assert.deepEqual(await fetchTweets(call, { userIds: [userId] }), { tweets: [tweet] });
      const image = { userId, tweetId: 'one' };
      const upload = await urlOf(call, '/api/upload_url/', image);
      const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);
      const put = await fetch(upload, {
        method: 'PUT',
        body: picture,
        headers: { 'content-type': 'text/html' },
      });
      assert.equal(put.status, 200);
      assert.equal(new URL(upload).searchParams.get('X-Amz-Expires'), '1800');
      assert.ok(decodeURIComponent(new URL(upload).pathname).endsWith(`/images/${userId}/one.png`));
      const got = await fetch(await urlOf(call, '/api/download_url/', image));
      assert.deepEqual(Buffer.from(await got.arrayBuffer()), picture);
      assert.equal(got.headers.get('content-type'), 'image/png', 'whatever it was uploaded as');
    });

    it('a path without a slash at its end is the same', async () => {
      assert.deepEqual(
        await post(call, '/api/fetch_tweet', { userIds: ['nobody'] }).then(({ json }) => json),
        {
          tweets: [],
        },
      );
    });

    it('the three objects are kept as they were sent', async () => {
      const sent = tweetOf(user('kept'), 'k', {
        tweetInfo: { userName: '', createdAt: 'yesterday', more: { deep: [1, null, { a: true }] } },
        tweetContent: { message: '', imgName: null, big: 1e300, small: 1.5e-300, '': 'an empty key' },
        tweetUserAction: { good: [], comments: { a: [] }, 'a.b': -0.1 },
      });
      await create(call, sent);
      assert.deepEqual((await fetchTweets(call, { userIds: [user('kept')] })).tweets, [sent]);
    });

    it('the same tweet again changes nothing, another one under its id is a conflict', async () => {
      const tweet = tweetOf(user('again'), 'x');
      await create(call, tweet);
      await create(call, tweet);
      const { tweetInfo, ...rest } = tweet;
      await create(call, { ...rest, tweetInfo });
      const other = await post(call, '/api/create_tweet', {
        ...tweet,
        tweetUserAction: { good: 1, comments: [] },
      });
      assert.match(problemIn(other, 409), /^id: /);
      assert.deepEqual(await fetchTweets(call, { userIds: [user('again')] }), { tweets: [tweet] });
    });

    it('lists are newest first within each user, in the order of the users', async () => {
      const [a, b] = [user('list-a'), user('list-b')];
      for (const [id, time] of [
        ['2', '2024-05-01T10:00:00Z'],
        ['1', '2024-05-01T09:59:59.999Z'],
        // An hour before the first, though its text is greater.
        ['3', '2024-05-01T18:00:00+09:00'],
        ['4', '2024-05-02'],
      ] as const)
        await create(call, tweetOf(a, id, at(time)));
      await create(call, tweetOf(b, 'b', at('2025-01-01')));
      assert.deepEqual(await idsOf(call, { userIds: [b, a, b] }), ['b', '4', '2', '1', '3']);
    });

    it('pages go through all users, and end', async () => {
      const users = [user('page-a'), user('page-none'), user('page-b')];
      for (const [index, userId] of [users[0], users[2]].entries())
        for (let i = 0; i < 5; i++)
          await create(call, tweetOf(userId ?? '', `${index}${i}`, at(`2024-01-0${9 - i}`)));
      const all = ['00', '01', '02', '03', '04', '10', '11', '12', '13', '14'];
      for (const limit of [1, 3, 5, 10, 100]) {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await fetchTweets(call, { userIds: users, limit, ...(cursor && { cursor }) });
          assert.ok(page.tweets.length <= limit && (page.tweets.length === limit || !page.cursor));
          seen.push(...page.tweets.map(({ id }) => id));
          ({ cursor } = page);
        } while (cursor);
        assert.deepEqual(seen, all, `limit ${limit}`);
      }
    });

    it('a deleted tweet is gone, with all versions of its picture and of no other', async () => {
      const s3 = new S3Client({ endpoint: cloud.env.AWS_ENDPOINT_URL_S3 ?? '', forcePathStyle: true });
      after(() => s3.destroy());
      const Bucket = process.env.TWEETS_BUCKET;
      const userId = user('gone');
      for (const id of ['a', 'a.png']) {
        await create(call, tweetOf(userId, id));
        for (const Body of ['first', 'second'])
          await s3.send(new PutObjectCommand({ Bucket, Key: `images/${userId}/${id}.png`, Body }));
      }
      const { status, json } = await post(call, '/api/delete_tweet/', { userId, id: 'a' });
      assert.deepEqual([status, json], [200, { isSuccess: true }]);
      assert.deepEqual(await idsOf(call, { userIds: [userId] }), ['a.png']);
      const left = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: `images/${userId}/` }));
      assert.deepEqual(
        [left.Versions?.map(({ Key }) => Key), left.DeleteMarkers ?? []],
        [Array(2).fill(`images/${userId}/a.png.png`), []],
      );
      problemIn(await post(call, '/api/delete_tweet', { userId, id: 'a' }), 404);
    });

    const good = tweetOf('u', 'i');
    const wrong: [path: string, body: unknown, status: number, detail: RegExp][] = [
      ['create_tweet', { ...good, userId: 'a/b' }, 422, /^userId: .*\//],
      ['create_tweet', { ...good, userId: '..' }, 422, /^userId: /],
      ['create_tweet', { ...good, userId: 'a\u0000' }, 422, /^userId: /],
      ['create_tweet', { ...good, id: '../../x' }, 422, /^id: /],
      ['create_tweet', { ...good, id: '' }, 422, /^id: /],
      ['create_tweet', { ...good, id: 'x'.repeat(129) }, 422, /^id: /],
      ['create_tweet', { ...good, tweetInfo: undefined }, 422, /^tweetInfo: is missing/],
      ['create_tweet', { ...good, tweetInfo: { userName: 'a' } }, 422, /^tweetInfo/],
      ['create_tweet', { ...good, tweetContent: 'text' }, 422, /^tweetContent/],
      ['create_tweet', 'text', 422, /^body: must be a JSON object/],
      ['create_tweet', { ...good, tweetContent: { message: 'x'.repeat(70_000) } }, 413, /65536/],
      ['fetch_tweet', {}, 422, /^userIds: is missing/],
      ['fetch_tweet', { userIds: 'a' }, 422, /^userIds: /],
      ['fetch_tweet', { userIds: [] }, 422, /^userIds: /],
      ['fetch_tweet', { userIds: Array.from({ length: 101 }, (_, i) => `u${i}`) }, 422, /^userIds: .*100/],
      ['fetch_tweet', { userIds: ['a/b'] }, 422, /^userIds/],
      ['fetch_tweet', { userIds: ['a'], limit: 0 }, 422, /^limit: /],
      ['fetch_tweet', { userIds: ['a'], limit: 101 }, 422, /^limit: /],
      ['fetch_tweet', { userIds: ['a'], limit: '5' }, 422, /^limit: /],
      ['fetch_tweet', { userIds: ['a'], cursor: 'x' }, 422, /^cursor: needs a limit/],
      ['fetch_tweet', { userIds: ['a'], limit: 5, cursor: 'x' }, 422, /^cursor: is broken/],
      ['fetch_tweet', { userIds: ['a'], limit: 5, cursor: 'WyJiIiwieCJd' }, 422, /^cursor: belongs/],
      ['upload_url', { userId: 'a' }, 422, /^tweetId: is missing/],
      ['upload_url', { userId: 'a', tweetId: 'b/../../c' }, 422, /^tweetId: /],
      ['download_url', { userId: '.. /', tweetId: 'b' }, 422, /^userId: /],
      ['delete_tweet', { userId: 'a' }, 422, /^id: is missing/],
    ];
    for (const [path, body, status, detail] of wrong) {
      it(`${path} ${JSON.stringify(body).slice(0, 60)} is ${status}`, async () => {
        assert.match(problemIn(await post(call, `/api/${path}/`, body), status), detail);
      });
    }

    it('what is not JSON is 400, another method 405', async () => {
      problemIn(await call('POST', '/api/create_tweet/', { body: Buffer.from('{') }), 400);
      problemIn(await call('GET', '/api/fetch_tweet/'), 405);
    });
  });
}

it('on the laptop the stage may stand before a path', async () => {
  const [{ call } = assert.fail('no way')] = ways;
  const answer = await post(call, '/v1/api/fetch_tweet/', { userIds: ['nobody'] });
  assert.deepEqual([answer.status, answer.json], [200, { tweets: [] }]);
});

it('all tweets of a user are more than one page of DynamoDB; too many for an answer are asked for by pages', async () => {
  const [{ call } = assert.fail('no way')] = ways;
  const userId = 'much@example.com';
  const message = 'x'.repeat(60_000);
  const many = Array.from({ length: 45 }, (_, i) => i);
  for (const i of many.slice(0, 30))
    await create(call, tweetOf(userId, `t${i}`, { tweetContent: { message } }));
  assert.equal((await idsOf(call, { userIds: [userId] })).length, 30);
  for (const i of many.slice(30)) await create(call, tweetOf(userId, `t${i}`, { tweetContent: { message } }));
  assert.match(problemIn(await post(call, '/api/fetch_tweet', { userIds: [userId] }), 413), /limit/);
  assert.equal((await idsOf(call, { userIds: [userId], limit: 20 })).length, 20);
});
