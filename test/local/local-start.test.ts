import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { launch, spawnPostagram } from '../../local/child.ts';
import { shownAs } from '../support/whole-service.ts';

const Post = v.object({
  id: v.string(),
  labels: v.optional(v.array(v.string())),
  image: v.optional(v.string()),
});
const Upload = v.object({ uploadURL: v.string() });
const headers = { authorization: 'ada', 'content-type': 'application/json' };

async function dataFolder(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'postagram-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'data');
}

async function start(t: TestContext, dataDir: string, env?: Record<string, string>) {
  const child = await spawnPostagram(dataDir, env);
  t.after(async () => {
    child.process.kill('SIGKILL');
    await child.exited;
  });
  return child;
}

async function interrupt({ process, exited }: Awaited<ReturnType<typeof start>>) {
  process.kill('SIGINT');
  return exited;
}

async function json(url: string, init?: RequestInit): Promise<unknown> {
  const response = await fetch(url, init);
  assert.ok(response.ok, `${url}: ${response.status}`);
  return response.json();
}

async function postWithPhoto(url: string) {
  const body = JSON.stringify({ title: 'Chelsea', body: 'A cat' });
  const { id } = v.parse(Post, await json(`${url}/posts`, { method: 'POST', headers, body }));
  const query = `filename=cat.jpg&filetype=image/jpeg&postId=${id.split('#')[1]}`;
  const { uploadURL } = v.parse(Upload, await json(`${url}/signedUrlPut?${query}`, { headers }));
  const photo = await readFile(new URL('../photos/chelsea.jpg', import.meta.url));
  const put = await fetch(uploadURL, {
    method: 'PUT',
    headers: { 'content-type': 'image/jpeg' },
    body: photo,
  });
  assert.equal(put.status, 200);
  return { id, photo };
}

async function labelledPost(url: string) {
  for (;;) {
    const [post] = v.parse(v.array(Post), await json(`${url}/posts?user=ada`));
    if (post?.labels !== undefined) return post;
    await sleep(20);
  }
}

/** A start that fails: exit code 1 and one line for a person, neither stack nor log. */
async function assertRefused(dataDir: string, env: Record<string, string>, expected: RegExp) {
  const { exited } = launch(dataDir, env);
  const { code, stdout, stderr } = await exited;
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, expected);
  assert.match(stderr, /^[^\n]+\n$/, 'one line');
}

const limit = { timeout: 600_000 };

test('a post and its photo pass through, stay over a restart, and Ctrl-C ends with 0', limit, async (t) => {
  const dataDir = await dataFolder(t);
  // What a developer's environment may hold must not lead past the local cloud.
  const first = await start(t, dataDir, {
    AWS_PROFILE: 'somebody-else',
    AWS_SESSION_TOKEN: 'of a real account',
    AWS_USE_FIPS_ENDPOINT: 'true',
  });
  assert.match(first.output(), /\n {2}curl http:.*-d .*\n {2}curl 'http:.*\n/, 'two lines of curl to try');
  const { id, photo } = await postWithPhoto(first.url);
  const post = await labelledPost(first.url);
  assert.equal(post.id, id);
  assert.ok(post.labels?.includes('Cat'), `${post.labels}`);
  const { code, signal, stderr } = await interrupt(first);
  assert.deepEqual([code, signal, stderr], [0, null, '']);

  const second = await start(t, dataDir);
  const kept = await labelledPost(second.url);
  assert.deepEqual([kept.id, kept.labels], [id, post.labels]);
  const image = Buffer.from(await (await fetch(kept.image ?? '')).arrayBuffer());
  assert.ok((await shownAs(photo)).equals(image));
  assert.equal((await interrupt(second)).code, 0);
});

test('a photo acknowledged just before kill -9 gets its labels after a restart', limit, async (t) => {
  const dataDir = await dataFolder(t);
  const first = await start(t, dataDir);
  await postWithPhoto(first.url);
  first.process.kill('SIGKILL');
  await first.exited;
  const second = await start(t, dataDir);
  assert.ok((await labelledPost(second.url)).labels?.includes('Cat'));
});

test('a second start on the same data says so in one line', limit, async (t) => {
  const dataDir = await dataFolder(t);
  const { url } = await start(t, dataDir);
  await assertRefused(dataDir, {}, /The data in .* is in use: is Postagram running already\?/);
  assert.equal((await fetch(`${url}/health`)).status, 200, 'the first one goes on');
});

test('a taken port says so in one line', limit, async (t) => {
  const occupant = createServer().listen(0, '127.0.0.1');
  t.after(() => occupant.close());
  await once(occupant, 'listening');
  // A server that listens on TCP has an AddressInfo.
  const { port } = occupant.address() as AddressInfo;
  await assertRefused(await dataFolder(t), { PORT: String(port) }, new RegExp(`Port ${port} is taken`));
});

test('a data folder that cannot be one says so in one line', limit, async (t) => {
  const dataDir = await dataFolder(t);
  await writeFile(dataDir, 'a file');
  await assertRefused(dataDir, {}, /Cannot use the data folder .*: EEXIST/);
  await assertRefused('/dev/null/data', {}, /Cannot use the data folder \/dev\/null\/data: ENOTDIR/);
});

test('a damaged database says so in one line', limit, async (t) => {
  const dataDir = await dataFolder(t);
  await interrupt(await start(t, dataDir));
  const folder = join(dataDir, 'dynamodb');
  const manifest = (await readdir(folder)).find((name) => name.startsWith('MANIFEST'));
  await writeFile(join(folder, String(manifest)), 'neither a manifest nor anything else LevelDB could read');
  await assertRefused(dataDir, {}, /Cannot open the database in .*orruption/);
});

test('a configuration that makes no sense says so in one line', limit, async (t) => {
  await assertRefused(await dataFolder(t), { PORT: 'eighty' }, /PORT must be a whole number/);
});
