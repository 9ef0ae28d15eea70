import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, after, test } from 'node:test';
import { JwtVerifier } from 'aws-jwt-verify';
import { startIdentity } from '../../local/identity/identity.ts';
import { createJwtIdentity } from '../../src/identity/jwt.ts';
import { openVisitor, proofKey } from './sign-in.ts';

const SITE = 'http://localhost:4321/';
const ada = { username: 'ada', password: 'postagram' };

let dataDir: string;
let identity: Awaited<ReturnType<typeof startIdentity>>;
before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'postagram-identity-'));
  identity = await startIdentity({ dataDir });
});
after(async () => {
  await identity.close();
  await rm(dataDir, { recursive: true, force: true });
});

const query = (parameters: Record<string, string>) =>
  new URLSearchParams({
    client_id: 'postagram',
    redirect_uri: SITE,
    scope: 'openid',
    state: 'xyz',
    ...parameters,
  });

const codeQuery = (challenge: string, more: Record<string, string> = {}) =>
  query({ response_type: 'code', code_challenge: challenge, code_challenge_method: 'S256', ...more });

type Tokens = { id_token: string; access_token: string; refresh_token: string; expires_in: number };

async function exchange(parameters: Record<string, string>) {
  const response = await fetch(`${identity.issuer}/oauth2/token`, {
    method: 'POST',
    headers: { origin: 'http://localhost:4321' },
    body: new URLSearchParams({ client_id: 'postagram', ...parameters }),
  });
  // The shape that RFC 6749 gives the answer; what is asserted on it is asserted below.
  return { response, tokens: (await response.json()) as Tokens };
}

async function signedIn(visitor = openVisitor(identity.issuer), form: Record<string, string> = ada) {
  const { verifier, challenge } = proofKey();
  const back = await visitor.signIn(`/oauth2/authorize?${codeQuery(challenge)}`, form);
  assert.equal(back.searchParams.get('state'), 'xyz');
  const code = back.searchParams.get('code') ?? '';
  const answer = await exchange({
    grant_type: 'authorization_code',
    redirect_uri: SITE,
    code,
    code_verifier: verifier,
  });
  return { ...answer, code, verifier, visitor };
}

const callerOf = (token: string) =>
  createJwtIdentity({
    issuer: identity.issuer,
    audience: ['postagram'],
    nameClaim: 'cognito:username',
  }).callerOf({ authorization: `Bearer ${token}` });

test('code and PKCE give an ID token that the server takes, to a page of this machine', async () => {
  const { tokens, response } = await signedIn();
  assert.equal(response.headers.get('access-control-allow-origin'), 'http://localhost:4321');
  assert.deepEqual(await callerOf(tokens.id_token), { name: 'ada', groups: [] });
  assert.equal(tokens.expires_in, 3600);
});

test('groups are those of the account', async () => {
  const admin = await signedIn(undefined, { username: 'Grace', password: 'postagram' });
  assert.deepEqual(await callerOf(admin.tokens.id_token), { name: 'grace', groups: ['Admin'] });
  const manager = await signedIn(undefined, { username: 'edith', password: 'postagram' });
  assert.deepEqual((await callerOf(manager.tokens.id_token)).groups, ['HotelManager']);
});

test('a code is good once, with its verifier alone, and not without PKCE', async () => {
  const first = await signedIn();
  const again = await exchange({
    grant_type: 'authorization_code',
    redirect_uri: SITE,
    code: first.code,
    code_verifier: first.verifier,
  });
  assert.equal(again.response.status, 400);

  const visitor = openVisitor(identity.issuer);
  const back = await visitor.signIn(`/oauth2/authorize?${codeQuery(proofKey().challenge)}`, ada);
  const code = back.searchParams.get('code') ?? '';
  const { verifier } = proofKey();
  const wrong = await exchange({
    grant_type: 'authorization_code',
    redirect_uri: SITE,
    code,
    code_verifier: verifier,
  });
  assert.equal(wrong.response.status, 400);
  const bare = await visitor.follow(`/oauth2/authorize?${query({ response_type: 'code' })}`);
  assert.equal(new URL(bare.headers.get('location') ?? '').searchParams.get('error'), 'invalid_request');
});

test('tokens are refreshed until one signs out', async () => {
  const { tokens, visitor } = await signedIn();
  const refreshed = await exchange({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token });
  assert.equal((await callerOf(refreshed.tokens.id_token)).name, 'ada');

  const out = await visitor.go(
    `/logout?${new URLSearchParams({ client_id: 'postagram', logout_uri: SITE })}`,
  );
  assert.deepEqual([out.status, out.headers.get('location')], [302, SITE]);
  const { refresh_token } = refreshed.tokens;
  const late = await exchange({ grant_type: 'refresh_token', refresh_token });
  assert.equal(late.response.status, 400);
  const silent = `/oauth2/authorize?${codeQuery(proofKey().challenge, { prompt: 'none' })}`;
  const asked = await visitor.follow(silent);
  assert.equal(new URL(asked.headers.get('location') ?? '').searchParams.get('error'), 'login_required');
});

test('who is signed in gets a new code without a page', async () => {
  const { visitor } = await signedIn();
  const silent = `/oauth2/authorize?${codeQuery(proofKey().challenge, { prompt: 'none' })}`;
  const back = await visitor.follow(silent);
  assert.ok(new URL(back.headers.get('location') ?? '').searchParams.get('code'));
});

test("Cognito's implicit flow: /login, response_type=token, both tokens in the fragment", async () => {
  const visitor = openVisitor(identity.issuer);
  const start = `/login?${query({ response_type: 'token', scope: 'email openid' })}`;
  const back = await visitor.signIn(start, { username: 'grace', password: 'postagram' });
  const fragment = new URLSearchParams(back.hash.slice(1));
  assert.equal(fragment.get('state'), 'xyz');
  assert.equal((await callerOf(fragment.get('id_token') ?? '')).name, 'grace');

  const verifier = JwtVerifier.create({ issuer: identity.issuer, audience: 'postagram' });
  const keys = await fetch(`${identity.issuer}/.well-known/jwks.json`);
  verifier.cacheJwks(JSON.parse(await keys.text()));
  const access = await verifier.verify(fragment.get('access_token') ?? '');
  assert.deepEqual(
    [access.token_use, access.username, access['cognito:groups']],
    ['access', 'grace', ['Admin']],
  );
  await assert.rejects(async () => callerOf(fragment.get('access_token') ?? ''), { status: 401 });
});

test('a wrong password, a taken name and a short password are said, and nobody is signed in', async () => {
  const visitor = openVisitor(identity.issuer);
  const page = await visitor.follow(`/login?${codeQuery(proofKey().challenge)}`);
  const tries = [
    [{ username: 'ada', password: 'postagram ' }, /do not belong together/],
    [{ username: 'nobody', password: 'postagram' }, /do not belong together/],
    [{ new: '1', username: 'ADA', password: 'postagram' }, /has this name already/],
    [{ new: '1', username: 'a/b', password: 'postagram' }, /no \/ or #/],
    [{ new: '1', username: 'hedy', password: 'short' }, /8 to 99 characters/],
    [{ username: '<b>"', password: 'x'.repeat(9_000) }, /too long/],
  ] as const;
  for (const [form, expected] of tries) {
    const refused = await visitor.go(page.url, form);
    assert.equal(refused.status, 422);
    assert.match(await refused.text(), expected);
  }
});

test('what was typed comes back as text, under a policy that runs nothing', async () => {
  const visitor = openVisitor(identity.issuer);
  const page = await visitor.follow(`/login?${codeQuery(proofKey().challenge)}`);
  const refused = await visitor.go(page.url, { username: '"><script>', password: 'postagram' });
  assert.ok(!(await refused.text()).includes('<script'));
  assert.match(refused.headers.get('content-security-policy') ?? '', /default-src 'none'/);
});

test('nobody is sent to another site', async () => {
  const visitor = openVisitor(identity.issuer);
  const evil = 'https://evil.example/';
  const asked = await visitor.go(`/oauth2/authorize?${codeQuery('x'.repeat(43), { redirect_uri: evil })}`);
  assert.deepEqual([asked.status, asked.headers.get('location')], [400, null]);
  const out = await visitor.go(
    `/logout?${new URLSearchParams({ client_id: 'postagram', logout_uri: evil })}`,
  );
  assert.deepEqual([out.status, out.headers.get('location')], [400, null]);
});

test('accounts and the key outlive a restart, readable by this user alone', async () => {
  const made = await signedIn(undefined, { new: '1', username: 'Łukasz', password: 'a good one' });
  assert.equal((await callerOf(made.tokens.id_token)).name, 'Łukasz');
  const port = Number(new URL(identity.issuer).port);
  await identity.close();
  identity = await startIdentity({ dataDir, port });
  assert.equal((await callerOf(made.tokens.id_token)).name, 'Łukasz', 'signed by the same key');
  const again = await signedIn(undefined, { username: 'łukasz', password: 'a good one' });
  assert.equal((await callerOf(again.tokens.id_token)).name, 'Łukasz');
  for (const file of ['accounts.json', 'sign-in-key.json'])
    assert.equal((await stat(join(dataDir, file))).mode & 0o777, 0o600);
});
