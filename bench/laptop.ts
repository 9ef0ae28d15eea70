/** Cases i and j: what a developer waits for. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './bundle.ts';
import { median, type Options } from './measure.ts';
import { freePort, start, stop, untilHealthy } from './processes.ts';

const run = promisify(execFile);
const rounds = 5;

/**
 * Seconds of `npm start` until it serves and of `npx tsx deploy.ts --dry-run`, and milliseconds from the end of a PUT
 * until `GET /posts?user=` shows the photo's labels. The second upload is the first that counts.
 */
export async function measureLaptop({ folder }: Pick<Options, 'folder'>): Promise<Record<string, number>> {
  const port = await freePort();
  const env = { PORT: String(port), LOCAL_DATA_DIR: join(folder, 'local') };
  const began = performance.now();
  const service = start('npm', ['start'], { env, cwd: root });
  try {
    const url = `http://127.0.0.1:${port}`;
    await untilHealthy(`${url}/health`, service);
    const startSeconds = (performance.now() - began) / 1000;
    const photo = await readFile(join(root, 'test', 'photos', 'chelsea.jpg'));
    await uploadUntilLabelled(url, photo);
    const labelsMs: number[] = [];
    for (let round = 0; round < rounds; round++) labelsMs.push(await uploadUntilLabelled(url, photo));
    return { startSeconds, dryRunSeconds: await dryRun(), labelsMs: median(labelsMs) };
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

async function dryRun(): Promise<number> {
  const began = performance.now();
  await run('npx', ['tsx', 'deploy.ts', '--dry-run'], { cwd: root });
  return (performance.now() - began) / 1000;
}

async function json<Body>(url: string, init: RequestInit): Promise<Body> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  // The contract says what these answers hold, and its tests hold it to that.
  return (await response.json()) as Body;
}
