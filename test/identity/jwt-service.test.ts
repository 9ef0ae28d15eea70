import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { startIssuer } from '../support/issuer.ts';
import { openCloud, startServer } from '../support/service.ts';
import { createdIn, problemIn, uuidOf } from '../support/shapes.ts';

const issuer = await startIssuer({ after });
const { env } = await openCloud({ after }, { labels: false });
const site = {
  WEB_ROOT: await mkdtemp(join(tmpdir(), 'postagram-web-')),
  JWT_SIGN_IN: 'https://sign-in.example/',
};
after(() => rm(site.WEB_ROOT, { recursive: true }));
await writeFile(join(site.WEB_ROOT, 'index.html'), '<!doctype html>');
const configuration = { ...env, ...issuer.environment, POSTS_PER_MINUTE: '3', ...site };
const { call, url, logs } = await startServer({ after }, configuration);
const body = { title: 't', body: 'b' };
const as = (name: string) => `Bearer ${issuer.token({ 'cognito:username': name })}`;

it('a post is its writer’s, as the token names it, and nobody else deletes it', async () => {
  const post = createdIn(await call('POST', '/posts', { user: as('ann'), body }));
  assert.equal(post.user, 'ann');
  problemIn(await call('DELETE', `/posts/${uuidOf(post)}`, { user: as('bob') }), 404);
  assert.equal((await call('DELETE', `/posts/${uuidOf(post)}`, { user: as('ann') })).status, 200);
});

it('a post is changed by its writer alone, and so is its photo removed', async () => {
  const path = `/posts/${uuidOf(createdIn(await call('POST', '/posts', { user: as('eve'), body })))}`;
  const change = { body: { title: 'now' } };
  problemIn(await call('PATCH', path, change), 401);
  problemIn(await call('PATCH', path, { ...change, user: 'eve' }), 401);
  problemIn(await call('PATCH', path, { ...change, user: as('bob') }), 404);
  assert.equal((await call('PATCH', path, { ...change, user: as('eve') })).status, 200);
  problemIn(await call('DELETE', `${path}/image`, { user: 'eve' }), 401);
  problemIn(await call('DELETE', `${path}/image`, { user: as('bob') }), 404);
  assert.equal((await call('DELETE', `${path}/image`, { user: as('eve') })).status, 200);
});

it('a plain name is refused, and reading needs none', async () => {
  const refused = await call('POST', '/posts', { user: 'ann', body });
  problemIn(refused, 401);
  assert.equal(refused.headers.get('www-authenticate'), 'Bearer');
  assert.equal((await call('GET', '/posts?user=ann')).status, 200);
});

it('a page learns where to sign in, and may talk to no other issuer', async () => {
  const { status, json } = await call('GET', '/config');
  assert.equal(status, 200);
  assert.deepEqual(json, {
    identity: 'jwt',
    issuer: issuer.issuer,
    clientId: 'the-app',
    nameClaim: 'cognito:username',
  });
  const { headers } = await call('GET', '/', { headers: { accept: 'text/html' } });
  const policy = headers.get('content-security-policy') ?? '';
  const allowed = `${new URL(issuer.issuer).origin} https://sign-in.example`;
  assert.ok(/connect-src [^;]*/.exec(policy)?.[0].endsWith(` ${allowed}`), policy);
});

it('two tokens in one request are refused', async () => {
  const asking = request(new URL('/posts', url), { method: 'POST', agent: false });
  asking.setHeader('authorization', [as('ann'), as('bob')]);
  asking.end(JSON.stringify(body));
  const [response] = await once(asking, 'response');
  response.resume();
  assert.equal(response.statusCode, 401);
});

it('the budget is the caller’s own', async () => {
  for (let post = 0; post < 3; post++) createdIn(await call('POST', '/posts', { user: as('carl'), body }));
  problemIn(await call('POST', '/posts', { user: as('carl'), body }), 429);
  createdIn(await call('POST', '/posts', { user: as('dora'), body }));
});

it('no token is in the log', () => {
  assert.ok(logs.length > 5);
  assert.ok(!JSON.stringify(logs).includes('eyJ'));
});

it('a configuration that lacks the issuer or trusts a plain one ends the start with its name', async (t) => {
  const start = (changes: Record<string, string | undefined>) =>
    startServer(t, { ...configuration, ...changes });
  await assert.rejects(start({ JWT_ISSUER: undefined }), /JWT_ISSUER is missing/);
  await assert.rejects(start({ JWT_AUDIENCE: undefined }), /JWT_AUDIENCE is missing/);
  await assert.rejects(
    start({ JWT_ISSUER: 'http://example.com/pool' }),
    /JWT_ISSUER must be an https address/,
  );
  await assert.rejects(start({ IDENTITY: 'oauth' }), /IDENTITY must be plain or jwt/);
});

it('an issuer that cannot be reached is told with its cause, in the log alone', async (t) => {
  const silent = await startIssuer(t);
  silent.state.answer = (_request, response) => response.destroy();
  const server = await startServer(t, { ...configuration, ...silent.environment });
  const answer = await server.call('POST', '/posts', { user: silent.token(), body });
  assert.doesNotMatch(problemIn(answer, 503), /127\.0\.0\.1/);
  assert.ok(answer.headers.get('retry-after'));
  const told = await server.logged(({ err }) => err !== undefined);
  assert.match(JSON.stringify(told.err), /KeysUnavailable/);
});
