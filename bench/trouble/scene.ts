/** What every case stands on: a local cloud of its own, a gate before its database and its bucket, and the server. */
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../bundle.ts';
import { firstLine, start, stop } from '../processes.ts';
import { ask, startSubject } from '../siege/subject.ts';
import type { Told } from './clients.ts';
import { openGate } from './gate.ts';

export type Scene = Awaited<ReturnType<typeof openScene>>;

/** A page of a list: it waits for memory, then for the database. */
export const PAGE = '/posts?user=ada&limit=20';

const script = (...path: string[]) => ['--import', 'tsx', join(root, ...path)];

/** A scene with one post by ada. */
export async function openScene() {
  const dataDir = await mkdtemp(join(tmpdir(), 'postagram-trouble-'));
  const storage = start('node', script('local', 'crash', 'storage.ts'), {
    env: { LOCAL_DATA_DIR: dataDir },
    stdout: 'pipe',
  });
  // What its first line is.
  const cloud = JSON.parse(await firstLine(storage)) as Record<string, string>;
  const database = await openGate(cloud.AWS_ENDPOINT_URL_DYNAMODB ?? '');
  const bucket = await openGate(cloud.AWS_ENDPOINT_URL_S3 ?? '');
  const server = await startSubject(database.url, cloud.DYNAMO_TABLE ?? '', {
    ...cloud,
    AWS_ENDPOINT_URL_DYNAMODB: database.url,
    AWS_ENDPOINT_URL_S3: bucket.url,
  });
  const first = await post();

  return {
    /** Reads one post: one call to the database, and next to nothing else. */
    read: `/posts/${first}`,
    server,
    database,
    bucket,
    post,
    postWithPhoto,

    /** Clients in a process of their own. @returns what they were told */
    async clients(
      count: number,
      seconds: number,
      pauseMs: number,
      path = `/posts/${first}`,
    ): Promise<Told[]> {
      const url = server.url + path;
      const numbers = [count, seconds, pauseMs].map(String);
      const child = start('node', [...script('bench', 'trouble', 'clients.ts'), url, ...numbers], {
        stdout: 'pipe',
      });
      if (!child.stdout) throw new Error('Its output is not piped');
      // What it prints.
      return JSON.parse((await buffer(child.stdout)).toString()) as Told[];
    },

    /** Asks for the same again and again, one at a time, until it is told to end. */
    watch(path: string, init: RequestInit = {}) {
      const told: Told[] = [];
      const over = new AbortController();
      const asking = (async () => {
        while (!over.signal.aborted) {
          const { outcome, ms } = await ask(server.url + path, init);
          told.push([outcome, Math.round(ms), Date.now()]);
          await sleep(100);
        }
      })();
      return async () => {
        over.abort();
        await asking;
        return told;
      };
    },

    async close() {
      database.close();
      bucket.close();
      await Promise.all([server.stop(), stop(storage)]);
      await rm(dataDir, { recursive: true, force: true });
    },
  };

  async function post(): Promise<string> {
    const { id } = await json<{ id: string }>('/posts', {
      method: 'POST',
      body: '{"title":"t","body":"b"}',
    });
    return id.replace('POST#', '');
  }

  /** @returns its id, once its photo is labelled */
  async function postWithPhoto(): Promise<string> {
    const id = await post();
    const query = new URLSearchParams({ filename: 'a.jpg', filetype: 'image/jpeg', postId: id });
    const { uploadURL } = await json<{ uploadURL: string }>(`/signedUrlPut?${query}`);
    const body = await readFile(join(root, 'test', 'photos', 'chelsea.jpg'));
    const stored = await fetch(uploadURL, { method: 'PUT', headers: { 'content-type': 'image/jpeg' }, body });
    if (!stored.ok) throw new Error(`The bucket answered ${stored.status}`);
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(100)) {
      const { status } = await json<{ status: string }>(`/posts/${id}`);
      if (status === 'labelled') return id;
    }
    throw new Error(`The photo of ${id} is not labelled`);
  }

  async function json<T>(path: string, init: RequestInit = {}): Promise<T> {
    const answer = await fetch(server.url + path, { ...init, headers: { authorization: 'ada' } });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    // Shapes of our own service, which has its own tests.
    return (await answer.json()) as T;
  }
}
