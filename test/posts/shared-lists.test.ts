import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect as open } from 'node:net';
import { after, beforeEach, describe, it } from 'node:test';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { createRouter } from '../../router.ts';
import { s3Options } from '../../src/aws/clients.ts';
import { createPresigner } from '../../src/aws/presign.ts';
import { toItem } from '../../src/posts/item.ts';
import { createListing } from '../../src/posts/listing.ts';
import { createPostStore } from '../../src/posts/store.ts';
import { eventually } from '../support/eventually.ts';
import { gate, startFaultProxy, type Verdict } from '../support/fault-proxy.ts';
import { type Answer, connect, nextPage } from '../support/http-client.ts';
import { writePosts } from '../support/many-posts.ts';
import { openCloud } from '../support/service.ts';
import { postsIn } from '../support/shapes.ts';

/** Partitions of the list of everybody: reading a page of it takes so many queries. */
const SHARDS = 4;
const MINUTE = 60_000;

const { env } = await openCloud({ after }, { labels: false });
const { AWS_REGION: region = '', DYNAMO_TABLE: table = '', AWS_ENDPOINT_URL_DYNAMODB: database = '' } = env;
const dynamo = await startFaultProxy({ after }, database);
const keys = { accessKeyId: 'LOCAL', secretAccessKey: 'LOCAL' };
const client = new DynamoDBClient({ region, endpoint: dynamo.url, credentials: keys, maxAttempts: 1 });
after(() => client.destroy());

/** Of the shared answers, in ms; at the start of a quarter of an hour for the URLs. */
let now = Date.UTC(2026, 5, 15, 12);
/** Asked for each time: they are about to expire. */
let credentials = { ...keys, expiration: new Date(Date.now() + MINUTE) };
const s3 = new S3Client({ ...s3Options(region), credentials: () => Promise.resolve(credentials) });
const clock = () => now;
const list = createListing(createPostStore(client, table), createPresigner(s3, 'images', clock), clock);
const router = createRouter({ 'GET /posts': list }, { cors: '*', log: () => undefined });
let arrived = 0;
const server = createServer((request, response) => {
  arrived += 1;
  router(request, response);
});
await once(server.listen(0, '127.0.0.1'), 'listening');
after(() => {
  server.close();
  server.closeAllConnections();
});
// A server that listens on TCP has an AddressInfo.
const { port } = server.address() as AddressInfo;
const call = connect(`http://127.0.0.1:${port}`);

let queries = 0;
const count = (): Verdict => {
  queries += 1;
  return 'pass';
};
beforeEach(() => {
  queries = 0;
  arrived = 0;
  dynamo.decide = count;
  // Nothing of the test before is shared any more.
  now += 1_000;
});

const write = async (user = 'Ann') => (await writePosts(env, { user, count: 1 }))[0] ?? '';
const newest = (answer: Answer) => postsIn(answer)[0]?.id;
const tagOf = ({ headers }: Answer) => headers.get('etag') ?? '';
const withTag = (answer: Answer) => ({ headers: { 'if-none-match': tagOf(answer) } });

await writePosts(env, { user: 'Ann', count: 12 });

describe('a page of the list of everybody', () => {
  it('is read once a second, for however many, and however they want it compressed', async () => {
    const first = await call('GET', '/posts?limit=5');
    assert.equal(queries, SHARDS);
    const id = await write();
    now += 999;
    const asked = ['br', 'gzip', 'identity'].flatMap((coding) =>
      ['https://a.example', 'https://b.example'].map((origin) =>
        call('GET', '/posts?limit=05', { headers: { 'accept-encoding': coding, origin } }),
      ),
    );
    for (const answer of await Promise.all(asked)) assert.equal(answer.text, first.text);
    assert.equal((await call('GET', '/posts?limit=5', withTag(first))).status, 304);
    assert.equal(queries, SHARDS);
    now += 1;
    assert.equal(newest(await call('GET', '/posts?limit=5', withTag(first))), id);
    assert.equal(queries, 2 * SHARDS);
  });

  it('is read once for all who come while it is read', async () => {
    const held = gate();
    dynamo.decide = async (): Promise<Verdict> => {
      count();
      await held.opened;
      // Longer than a second: they waited for it.
      now += 500;
      return 'pass';
    };
    const asked = Array.from({ length: 30 }, () => call('GET', '/posts?limit=3'));
    await eventually(() => assert.equal(arrived, 30));
    // Whoever came later is answered after all of them asked.
    assert.equal((await call('GET', '/posts?limit=0')).status, 422);
    held.open();
    const texts = new Set((await Promise.all(asked)).map(({ text }) => text));
    assert.deepEqual([texts.size, queries], [1, SHARDS]);
  });

  it('is not that of another limit or cursor', async () => {
    const two = await call('GET', '/posts?limit=2');
    const three = await call('GET', '/posts?limit=3');
    const next = await call('GET', nextPage(two) ?? '');
    assert.deepEqual([postsIn(two).length, postsIn(three).length, postsIn(next).length], [2, 3, 2]);
    assert.equal(newest(next), postsIn(three)[2]?.id);
    assert.equal(new Set([two, three, next].map(tagOf)).size, 3);
    assert.equal(queries, 3 * SHARDS);
  });

  it('is read for the others when the first of them leaves', async () => {
    const [asked, held] = [gate(), gate()];
    dynamo.decide = async () => {
      asked.open();
      await held.opened;
      return count();
    };
    const socket = open(port, '127.0.0.1');
    socket.write('GET /posts?limit=4 HTTP/1.1\r\nhost: x\r\n\r\n');
    await asked.opened;
    const other = call('GET', '/posts?limit=4');
    await eventually(() => assert.equal(arrived, 2));
    socket.resetAndDestroy();
    // Whoever comes later is answered after that was noticed.
    assert.equal((await call('GET', '/posts?limit=0')).status, 422);
    held.open();
    assert.equal(postsIn(await other).length, 4);
    assert.equal(queries, SHARDS);
  });

  it('that could not be read is read again for the next', async () => {
    dynamo.decide = () => ({ status: 400, body: '{"__type":"x#AccessDeniedException"}' });
    assert.equal((await call('GET', '/posts?limit=5')).status, 500);
    dynamo.decide = count;
    assert.equal((await call('GET', '/posts?limit=5')).status, 200);
  });

  it('has another tag when there is another page behind it', async () => {
    const ids = postsIn(await call('GET', '/posts?limit=100')).map(({ id }) => id);
    const before = await call('GET', `/posts?limit=${ids.length}`);
    assert.equal(nextPage(before), undefined);
    // The oldest of all: it is on the next page.
    const oldest = 'POST#00000000-0000-7000-8000-000000000000';
    await put({ id: oldest });
    now += 1_000;
    const more = await call('GET', `/posts?limit=${ids.length}`, withTag(before));
    assert.equal(more.status, 200);
    assert.equal(more.text, before.text);
    assert.ok(nextPage(more));
  });
});

describe("one user's list", () => {
  it('is read anew each time, and has a tag', async () => {
    const first = await call('GET', '/posts?user=Bob&limit=5');
    assert.deepEqual(postsIn(first), []);
    const id = await write('Bob');
    const second = await call('GET', '/posts?user=Bob&limit=5', withTag(first));
    assert.equal(newest(second), id);
    assert.equal((await call('GET', '/posts?user=Bob&limit=5', withTag(second))).status, 304);
    assert.equal(queries, 3);
  });
});

describe('a page with photos', () => {
  for (const path of ['/posts?limit=1', '/posts?user=Cid&limit=1']) {
    it(`has another tag as soon as its URLs are others: ${path}`, async () => {
      // The newest there is, at the start of a quarter of an hour.
      await put({ id: 'POST#ffffffff-ffff-7fff-bfff-ffffffffffff', user: 'Cid', photo: true });
      now = Math.ceil(now / (15 * MINUTE)) * 15 * MINUTE;
      const first = await call('GET', path);
      const [{ image = '' } = {}] = postsIn(first);
      assert.ok(image);
      now += 15 * MINUTE - 1;
      assert.equal((await call('GET', path, withTag(first))).status, 304);
      // In the same second, and no longer in the same window.
      now += 1;
      const second = await call('GET', path, withTag(first));
      assert.equal(second.status, 200);
      assert.notEqual(postsIn(second)[0]?.image, image);
      credentials = { ...credentials, accessKeyId: `RENEWED${path.length}` };
      const third = await call('GET', path, withTag(second));
      assert.equal(third.status, 200);
      assert.match(postsIn(third)[0]?.image ?? '', /RENEWED/);
    });
  }
});

it('who may keep what: pages as long as they are revalidated, whole lists not at all', async () => {
  for (const path of ['/posts?limit=5', '/posts?user=Ann&limit=5'])
    assert.equal((await call('GET', path)).headers.get('cache-control'), 'private, no-cache');
  for (const path of ['/posts', '/posts?user=Ann']) {
    const { headers } = await call('GET', path);
    assert.deepEqual([headers.get('cache-control'), headers.get('etag')], ['no-store', null]);
  }
});

async function put({ id, user = 'Ann', photo = false }: { id: string; user?: string; photo?: boolean }) {
  const createdAt = new Date(0).toISOString();
  const item = toItem({ user, id, title: 't', body: 'b', createdAt, status: photo ? 'labelled' : 'none' });
  const pixels = { width: { N: '640' }, height: { N: '480' }, sequencer: { S: '01' } };
  const shown = { key: { S: `${user}/photo.jpg` }, labels: { L: [{ S: 'Cat' }] }, ...pixels };
  const Item = { ...item, ...(photo && shown) };
  await client.send(new PutItemCommand({ TableName: table, Item }));
}
