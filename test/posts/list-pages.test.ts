import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { List } from '../../src/posts/newest-first.ts';
import type { StoredPost } from '../../src/posts/post.ts';
import { createPostStore } from '../../src/posts/store.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { writePosts } from '../support/many-posts.ts';
import { openCloud } from '../support/service.ts';

const { env } = await openCloud({ after }, { labels: false });
const { AWS_REGION: region = '', DYNAMO_TABLE: table = '', AWS_ENDPOINT_URL_DYNAMODB: database = '' } = env;
const dynamo = await startFaultProxy({ after }, database);
const credentials = { accessKeyId: 'LOCAL', secretAccessKey: 'LOCAL' };
const client = new DynamoDBClient({ region, endpoint: dynamo.url, credentials });
after(() => client.destroy());

/** How many posts DynamoDB was asked for, call by call. */
const asked: number[] = [];
beforeEach(() => {
  asked.length = 0;
  dynamo.decide = ({ body }) => {
    // Every Query of a list has one.
    asked.push((JSON.parse(body) as { Limit: number }).Limit);
    return 'pass';
  };
});

/** Bytes of posts in a page that the lists keep to. */
const PAGE = 160 * 1024;

async function read(list: List<StoredPost>) {
  const ids: string[] = [];
  const pages: number[] = [];
  for await (const { items } of list) {
    ids.push(...items.map(({ id }) => id));
    pages.push(items.reduce((sum, { body }) => sum + body.length, 0));
  }
  return { ids, pages };
}

describe('a list asks for', () => {
  it('300 ordinary posts at a time, once it has seen what they are like', async () => {
    const ids = await writePosts(env, { user: 'Ordinary', count: 700, bytes: 300 });
    const posts = createPostStore(client, table);
    assert.deepEqual((await read(posts.listOf('Ordinary'))).ids, ids);
    assert.deepEqual(asked.splice(0), [16, 300, 300, 300]);
    assert.deepEqual((await read(posts.listOf('Ordinary'))).ids, ids);
    assert.deepEqual(asked, [300, 300, 300]);
  });

  it('no more long posts than fit into a page', async () => {
    const ids = await writePosts(env, { user: 'Long', count: 20, bytes: 60_000 });
    const posts = createPostStore(client, table);
    const { pages, ...first } = await read(posts.listOf('Long'));
    assert.deepEqual(first.ids, ids);
    assert.deepEqual(
      asked.splice(0).filter((limit) => limit !== 2),
      [16],
    );
    assert.ok(pages.every((bytes) => bytes <= PAGE));
    assert.deepEqual((await read(posts.listOf('Long'))).ids, ids);
    assert.ok(asked.every((limit) => limit === 2));
  });

  it('what did not fit once more, when posts are longer than the ones before', async () => {
    const long = await writePosts(env, { user: 'Mixed', count: 40, bytes: 60_000 });
    const short = await writePosts(env, { user: 'Mixed', count: 40, bytes: 100 });
    const posts = createPostStore(client, table);
    for (let i = 0; i < 2; i++) {
      const own = await read(posts.listOf('Mixed'));
      assert.deepEqual(own.ids, [...short, ...long]);
      assert.ok(own.pages.every((bytes) => bytes <= PAGE));
      const everybody = await read(posts.listAll());
      assert.deepEqual(everybody.ids.slice(0, 80), [...short, ...long]);
      // One page of each shard.
      assert.ok(everybody.pages.every((bytes) => bytes <= 4 * PAGE));
    }
  });

  it('one that is longer than a page all by itself', async () => {
    const ids = await writePosts(env, { user: 'Longest', count: 3, bytes: 200_000 });
    const { pages, ...list } = await read(createPostStore(client, table).listOf('Longest'));
    assert.deepEqual(list.ids, ids);
    assert.deepEqual(pages, [200_000, 200_000, 200_000]);
  });
});
