import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';

const root = join(import.meta.dirname, '../..');

/** The name the browser knows the service by. */
const host = process.env.SITE_HOST ?? 'localhost';

const closers: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const close of closers.toReversed()) await close();
});

/** `npm start` in a process of its own, with a temporary data folder and a free port; stopped after the file's tests. */
export async function startService(args: string[] = [], env: Record<string, string> = {}): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'postagram-browser-'));
  const child = spawn(process.execPath, ['--import', 'tsx', 'local/start.ts', ...args], {
    cwd: root,
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1', LOCAL_DATA_DIR: data, LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  closers.push(async () => {
    await stop(child);
    await rm(data, { recursive: true, force: true });
  });
  return siteUrl(await portIn(child, /http:\/\/localhost:(\d+)/));
}

export const siteUrl = (port: string) => `http://${host}:${port}`;

/** The port a child says it listens on. */
export async function portIn(child: ChildProcess, pattern: RegExp): Promise<string> {
  if (!child.stdout) throw new Error('The output of the child is not piped.');
  for await (const line of createInterface(child.stdout)) {
    const port = pattern.exec(line)?.[1];
    if (port !== undefined) {
      child.stdout.resume();
      return port;
    }
  }
  throw new Error('The service ended before it listened.');
}

export async function stop(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

export const photoFile = (name: string) => join(root, 'test/photos', `${name}.jpg`);

/** Posts without a browser. @param photo file name in test/photos, or the bytes to upload as if they were a JPEG */
export async function seedPost(
  site: string,
  user: string,
  { title, body = 'Some text.', photo }: { title: string; body?: string; photo?: string | Buffer },
): Promise<string> {
  const api = apiOf(site);
  const headers = { authorization: Buffer.from(user).toString('latin1') };
  const created = await fetch(`${api}/posts`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ title, body }),
  });
  const { id } = await json<{ id: string }>(created);
  if (photo === undefined) return id;
  const bytes = typeof photo === 'string' ? await readFile(photoFile(photo)) : photo;
  const query = new URLSearchParams({ filename: 'a.jpg', filetype: 'image/jpeg', postId: id });
  const { uploadURL } = await json<{ uploadURL: string }>(
    await fetch(`${api}/signedUrlPut?${query}`, { headers }),
  );
  const stored = await fetch(uploadURL, {
    method: 'PUT',
    headers: { 'content-type': 'image/jpeg' },
    body: new Uint8Array(bytes),
  });
  if (!stored.ok) throw new Error(`The bucket answered ${stored.status}`);
  return id;
}

/** Waits until that many photos of a user have been labelled. */
export async function labelled(site: string, user: string, photos: number) {
  const list = `${apiOf(site)}/posts?user=${encodeURIComponent(user)}`;
  for (const end = Date.now() + 120_000; ; await new Promise((wake) => setTimeout(wake, 100))) {
    const posts = await json<{ labels?: string[] }[]>(await fetch(list));
    if (posts.filter(({ labels }) => labels).length >= photos) return;
    if (Date.now() > end) throw new Error(`${user}'s photos are not labelled after 120 s.`);
  }
}

/** The service as Node finds it, who does not know the browser's names. */
export const apiOf = (site: string) => site.replace(/\/\/[^:]+/, '//127.0.0.1');

/** @throws Error when the answer is not a success */
async function json<T>(response: Response): Promise<T> {
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
  // Shapes of our own service, which has its own tests.
  return (await response.json()) as T;
}
