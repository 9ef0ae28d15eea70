/**
 * `npx tsx local/flood.ts`: how long a stranger waits for the labels of a photo while another user's queue is long. Runs
 * `npm start` on data of its own, makes 600 PUTs to one upload URL and then to 600, each time followed by a stranger's.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnPostagram } from './child.ts';

const PUTS = 600;
const AT_ONCE = 16;

const dataDir = await mkdtemp(join(tmpdir(), 'postagram-flood-'));
const { url, process: server, exited } = await spawnPostagram(dataDir, { LOG_LEVEL: 'warn' });
const photo = await readFile(new URL('../test/photos/chelsea.jpg', import.meta.url));

try {
  await untilLabelled('warm-up', await put(await sign('warm-up')));
  for (const urls of [1, PUTS]) {
    const targets = await Promise.all(Array.from({ length: urls }, () => sign(`flood-${urls}`)));
    const stranger = await sign(`stranger-${urls}`);
    let next = 0;
    const one = async () => {
      while (next < PUTS) await put(targets[next++ % urls] ?? '');
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    const seconds = await untilLabelled(`stranger-${urls}`, await put(stranger));
    console.log(`${PUTS} PUTs to ${urls} upload URLs, then a stranger's: labelled after ${seconds} s`);
  }
} finally {
  server.kill('SIGKILL');
  await exited;
  await rm(dataDir, { recursive: true, force: true });
}

/** A new post of a user's. @returns where its photo goes */
async function sign(authorization: string): Promise<string> {
  const body = JSON.stringify({ title: 'A cat', body: 'Chelsea' });
  const { id = '' } = await json(`${url}/posts`, { method: 'POST', headers: { authorization }, body });
  const query = new URLSearchParams({ filename: 'cat.jpg', filetype: 'image/jpeg', postId: id });
  const { uploadURL = '' } = await json(`${url}/signedUrlPut?${query}`, { headers: { authorization } });
  return uploadURL;
}

/** @returns when it was there, milliseconds */
async function put(uploadURL: string): Promise<number> {
  const response = await fetch(uploadURL, {
    method: 'PUT',
    headers: { 'content-type': 'image/jpeg' },
    body: photo,
  });
  if (!response.ok) throw new Error(`PUT answered ${response.status}`);
  await response.arrayBuffer();
  return performance.now();
}

/** @returns seconds since then */
async function untilLabelled(user: string, since: number): Promise<string> {
  for (;;) {
    const response = await fetch(`${url}/posts?user=${user}`);
    if ((await response.text()).includes('"status":"labelled"'))
      return ((performance.now() - since) / 1000).toFixed(1);
    await sleep(20);
  }
}

async function json(where: string, init: RequestInit): Promise<Record<string, string>> {
  const response = await fetch(where, init);
  if (!response.ok) throw new Error(`${where} answered ${response.status}`);
  // The contract says what these answers hold, and its tests hold it to that.
  return (await response.json()) as Record<string, string>;
}
