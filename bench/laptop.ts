/** Cases i and j: what a developer waits for. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './bundle.ts';
import { median, type Options } from './measure.ts';
import { freePort } from '../test/support/free-port.ts';
import { start, stop, untilHealthy } from './processes.ts';

const run = promisify(execFile);
const rounds = 5;

/** Case i: milliseconds from the end of a PUT until `GET /posts?user=` shows the labels, from the second upload on. */
export function measureUpload(options: Pick<Options, 'folder'>): Promise<Record<string, number>> {
  return withService(options.folder, async (url) => {
    const photo = await readFile(join(root, 'test', 'photos', 'chelsea.jpg'));
    await uploadUntilLabelled(url, photo);
    const labelsMs: number[] = [];
    for (let round = 0; round < rounds; round++) labelsMs.push(await uploadUntilLabelled(url, photo));
    return { labelsMs: median(labelsMs) };
  });
}

/** Case j: seconds of `npm start` until it serves, and of `npx tsx deploy.ts --dry-run`. */
export async function measureStart(options: Pick<Options, 'folder'>): Promise<Record<string, number>> {
  const startSeconds = await withService(options.folder, async (_url, seconds) => seconds);
  const began = performance.now();
  await run('npx', ['tsx', 'deploy.ts', '--dry-run'], { cwd: root });
  return { startSeconds, dryRunSeconds: (performance.now() - began) / 1000 };
}

/** Runs `npm start` with data of its own while `use` runs, which is told how long it took. */
async function withService<Result>(
  folder: string,
  use: (url: string, seconds: number) => Promise<Result>,
): Promise<Result> {
  const port = await freePort();
  const env = { PORT: String(port), LOCAL_DATA_DIR: await mkdtemp(join(folder, 'local-')) };
  const began = performance.now();
  const service = start('npm', ['start'], { env, cwd: root });
  try {
    const url = `http://127.0.0.1:${port}`;
    await untilHealthy(`${url}/health`, service);
    return await use(url, (performance.now() - began) / 1000);
  } finally {
    await stop(service);
  }
}

async function uploadUntilLabelled(url: string, photo: Buffer): Promise<number> {
  const authorization = 'bench';
  const body = JSON.stringify({ title: 'A cat', body: 'Chelsea' });
  const { id } = await json<{ id: string }>(`${url}/posts`, {
    method: 'POST',
    headers: { authorization },
    body,
  });
  const query = new URLSearchParams({ filename: 'chelsea.jpg', filetype: 'image/jpeg', postId: id });
  const { uploadURL, headers } = await json<{ uploadURL: string; headers: Record<string, string> }>(
    `${url}/signedUrlPut?${query}`,
    { headers: { authorization } },
  );
  const put = await fetch(uploadURL, { method: 'PUT', headers, body: photo });
  if (!put.ok) throw new Error(`The upload was answered ${put.status}: ${await put.text()}`);
  const uploaded = performance.now();
  while (performance.now() - uploaded < 30_000) {
    const posts = await json<{ id: string; labels?: string[] }[]>(`${url}/posts?user=${authorization}`, {});
    if (posts.find((post) => post.id === id)?.labels) return performance.now() - uploaded;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('No labels within 30 s');
}

async function json<Body>(url: string, init: RequestInit): Promise<Body> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  // The contract says what these answers hold, and its tests hold it to that.
  return (await response.json()) as Body;
}
