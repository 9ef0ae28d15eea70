import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, it } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import { createRouter } from '../../router.ts';
import { createDynamo } from '../../src/aws/clients.ts';
import { createPresigner } from '../../src/aws/presign.ts';
import { createBudget } from '../../src/http/budget.ts';
import type { Identity } from '../../src/identity/identity.ts';
import { plain } from '../../src/identity/plain.ts';
import { createImageStore } from '../../src/aws/image-store.ts';
import { postRoutes } from '../../src/posts/routes.ts';
import { createPostStore } from '../../src/posts/store.ts';
import { createRenditionStore } from '../../src/renditions/rendition-store.ts';
import { type Answer, connect } from '../support/http-client.ts';
import { openCloud, type Scope, startServer } from '../support/service.ts';
import { createdIn, problemIn, uploadIn, uuidOf } from '../support/shapes.ts';

const cloud = await openCloud({ after }, { labels: false });
const body = { title: 't', body: 'b' };
const from = (...addresses: string[]) => ({ 'x-forwarded-for': addresses.join(', ') });

function refusedIn(answer: Answer, what: RegExp): void {
  assert.match(problemIn(answer, 429), what);
  const wait = Number(answer.headers.get('retry-after'));
  assert.ok(wait >= 1 && wait <= 60, `Retry-After is ${wait}`);
}

/** The routes as server.ts has them, over a clock that stands still. */
async function startFrozen(scope: Scope, identity: Identity, perMinute: number) {
  Object.assign(process.env, cloud.env);
  const { AWS_REGION: region = '', BUCKET = '', RENDITIONS_BUCKET = '', DYNAMO_TABLE = '' } = cloud.env;
  const s3 = new S3Client({ region, forcePathStyle: true });
  const routes = postRoutes({
    posts: createPostStore(createDynamo(region), DYNAMO_TABLE),
    images: createImageStore(s3, BUCKET),
    renditions: createRenditionStore(s3, RENDITIONS_BUCKET),
    presigners: {
      uploads: createPresigner(s3, BUCKET),
      renditions: createPresigner(s3, RENDITIONS_BUCKET),
    },
    identity,
    budgets: {
      posts: createBudget('posts', perMinute, () => 0),
      uploads: createBudget('uploads', perMinute, () => 0),
    },
  });
  const server = createServer(createRouter(routes, { cors: '*', log: () => undefined, proxies: 1 }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.after(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    s3.destroy();
  });
  // A server that listens on TCP has an AddressInfo.
  const call = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return {
    post: (user: string, headers: Record<string, string>) => call('POST', '/posts', { user, body, headers }),
    call,
  };
}

describe('while anybody can say any name', () => {
  it('an address has its budget, whatever names it says', async (t) => {
    const { post } = await startFrozen(t, plain, 2);
    createdIn(await post('ann', from('192.0.2.1')));
    createdIn(await post('bob', from('192.0.2.1')));
    refusedIn(await post('eve', from('192.0.2.1')), /^Too many posts: 2 a minute\. Try again in 30 s\.$/);
  });

  it("nobody can exhaust somebody else's: the name is not counted", async (t) => {
    const { post } = await startFrozen(t, plain, 1);
    createdIn(await post('ann', from('192.0.2.1')));
    createdIn(await post('ann', from('192.0.2.2')));
  });

  it('what a caller writes into X-Forwarded-For changes nothing', async (t) => {
    const { post } = await startFrozen(t, plain, 1);
    createdIn(await post('ann', from('192.0.2.1')));
    refusedIn(await post('ann', from('198.51.100.7', '192.0.2.1')), /posts/);
  });

  it('the addresses of one IPv6 network are one', async (t) => {
    const { post } = await startFrozen(t, plain, 1);
    createdIn(await post('ann', from('2001:db8:0:1::1')));
    refusedIn(await post('ann', from('2001:db8:0:1:ffff::2')), /posts/);
    createdIn(await post('ann', from('2001:db8:0:2::1')));
  });
});

describe('when a name is proved', () => {
  const verified: Identity = { ...plain, verified: true };

  it('its owner has a budget, from wherever', async (t) => {
    const { post } = await startFrozen(t, verified, 1);
    createdIn(await post('ann', from('192.0.2.1')));
    refusedIn(await post('ann', from('192.0.2.2')), /posts/);
  });

  it('an address has none', async (t) => {
    const { post } = await startFrozen(t, verified, 1);
    createdIn(await post('ann', from('192.0.2.1')));
    createdIn(await post('bob', from('192.0.2.1')));
  });

  it('who is nobody spends nothing', async (t) => {
    const { call, post } = await startFrozen(t, verified, 1);
    problemIn(await call('POST', '/posts', { body }), 401);
    createdIn(await post('ann', {}));
  });
});

it('changes are taken from the budget of posts, removals from none', async (t) => {
  const { call, post } = await startFrozen(t, plain, 2);
  const headers = from('192.0.2.1');
  const path = `/posts/${uuidOf(createdIn(await post('ann', headers)))}`;
  const change = { user: 'ann', headers, body: { title: 'now' } };
  assert.equal((await call('PATCH', path, change)).status, 200);
  refusedIn(await call('PATCH', path, change), /^Too many posts: 2 a minute/);
  for (let i = 0; i < 3; i++)
    assert.equal((await call('DELETE', `${path}/image`, { user: 'ann', headers })).status, 200);
});

it('uploads have a budget of their own, under both their names; reads and deletes have none', async (t) => {
  const { call, post } = await startFrozen(t, plain, 1);
  const headers = from('192.0.2.1');
  const { id } = createdIn(await post('ann', headers));
  const query = new URLSearchParams({ filename: 'a.jpg', filetype: 'image/jpeg', postId: id });
  uploadIn(await call('GET', `/signedUrlPut?${query}`, { user: 'ann', headers }));
  for (const path of ['/signedUrlPut', '/getSignedUrlPut'])
    refusedIn(await call('GET', `${path}?${query}`, { user: 'ann', headers }), /uploads/);
  for (let i = 0; i < 3; i++) {
    assert.equal((await call('GET', '/posts?user=ann', { headers })).status, 200);
    problemIn(await call('DELETE', `/posts/${randomUUID()}`, { user: 'ann', headers }), 404);
  }
});

describe('server.ts', () => {
  const tight = { ...cloud.env, POSTS_PER_MINUTE: '1', UPLOADS_PER_MINUTE: '1' };
  const upload = `/signedUrlPut?filename=a.jpg&filetype=image/jpeg&postId=${randomUUID()}`;

  it('counts by the connection unless a proxy is trusted', async (t) => {
    const { call } = await startServer(t, tight);
    createdIn(await call('POST', '/posts', { user: 'ann', body, headers: from('192.0.2.1') }));
    refusedIn(await call('POST', '/posts', { user: 'bob', body, headers: from('192.0.2.2') }), /posts/);
    problemIn(await call('GET', upload, { user: 'ann' }), 404);
    refusedIn(await call('GET', upload, { user: 'ann' }), /uploads/);
  });

  it('believes its load balancer with TRUSTED_PROXIES', async (t) => {
    const { call } = await startServer(t, { ...tight, TRUSTED_PROXIES: '1' });
    createdIn(await call('POST', '/posts', { user: 'ann', body, headers: from('192.0.2.1') }));
    createdIn(await call('POST', '/posts', { user: 'ann', body, headers: from('192.0.2.2') }));
    const again = { user: 'ann', body, headers: from('192.0.2.3', '192.0.2.2') };
    refusedIn(await call('POST', '/posts', again), /posts/);
  });
});
