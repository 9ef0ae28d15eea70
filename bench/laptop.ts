/** Cases i, j and page: what a developer waits for, and a visitor. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { root } from './bundle.ts';
import { median, type Options } from './measure.ts';
import { freePort } from '../test/support/free-port.ts';
import { start, stop, untilHealthy } from './processes.ts';

const run = promisify(execFile);
const rounds = 5;

/**
 * Case i: milliseconds from the end of a PUT until `GET /posts?user=` shows labels and photo, and the photo can be had, from the second
 * upload on: of a small photo, and of one of 12 megapixels.
 */
export function measureUpload(options: Pick<Options, 'folder'>): Promise<Record<string, number>> {
  return withService(options.folder, async (url) => {
    const photo = await readFile(join(root, 'test', 'photos', 'chelsea.jpg'));
    const large = await twelveMegapixels(photo);
    await uploadUntilLabelled(url, photo);
    const times: { small: number[]; large: number[] } = { small: [], large: [] };
    for (let round = 0; round < rounds; round++) {
      times.small.push(await uploadUntilLabelled(url, photo));
      times.large.push(await uploadUntilLabelled(url, large));
    }
    return {
      labelsMs: median(times.small),
      labels12MegapixelsMs: median(times.large),
      megabytesOf12Megapixels: large.length / 1e6,
    };
  });
}

/** Case j: seconds of `npm start` until it serves, and of `npx tsx deploy.ts --dry-run`. */
export async function measureStart(options: Pick<Options, 'folder'>): Promise<Record<string, number>> {
  const startSeconds = await withService(options.folder, async (_url, seconds) => seconds);
  const began = performance.now();
  await run('npx', ['tsx', 'deploy.ts', '--dry-run'], { cwd: root });
  return { startSeconds, dryRunSeconds: (performance.now() - began) / 1000 };
}

/** Case page: a process of its own, since what runs in a page has other types. It shows its errors. */
export async function measurePage(): Promise<Record<string, number>> {
  const child = start('node', ['--import', 'tsx', 'bench/page/main.ts'], { cwd: root, stdout: 'pipe' });
  if (!child.stdout) throw new Error('Its output is not piped');
  // What bench/page/main.ts prints.
  return JSON.parse(await text(child.stdout)) as Record<string, number>;
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

/** A photo as large as a phone's, with the grain that one has: without it, it would have a fraction of the bytes. */
async function twelveMegapixels(photo: Buffer): Promise<Buffer> {
  const [width, height] = [4032, 3024];
  const grain = {
    create: { width, height, channels: 3, noise: { type: 'gaussian', mean: 128, sigma: 12 } },
  } as const;
  return sharp(photo)
    .resize(width, height)
    .composite([
      {
        input: await sharp({ ...grain, create: { ...grain.create, background: 'grey' } })
          .png()
          .toBuffer(),
        blend: 'soft-light',
      },
    ])
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** @returns milliseconds from the end of the PUT until labels are shown and the photo can be had */
export async function uploadUntilLabelled(
  url: string,
  photo: Buffer,
  authorization = 'bench',
): Promise<number> {
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
  const put = await fetch(uploadURL, { method: 'PUT', headers, body: new Uint8Array(photo) });
  if (!put.ok) throw new Error(`The upload was answered ${put.status}: ${await put.text()}`);
  const uploaded = performance.now();
  while (performance.now() - uploaded < 30_000) {
    const list = `${url}/posts?user=${authorization}&limit=20`;
    const posts = await json<{ id: string; image?: string }[]>(list, {});
    const image = posts.find((post) => post.id === id)?.image;
    if (image !== undefined) {
      const shown = await fetch(image);
      if (!shown.ok) throw new Error(`The photo was answered ${shown.status}`);
      await shown.arrayBuffer();
      return performance.now() - uploaded;
    }
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
