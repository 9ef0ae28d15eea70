import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { fromItem } from '../../src/posts/item.ts';
import { labelPartition } from '../../src/posts/label-index.ts';
import { parseImageKey, renditionFolder } from '../../src/posts/post.ts';
import { createRenderer } from '../../src/renditions/render.ts';
import type { Ledger } from './ledger.ts';
import type { Environment } from './processes.ts';
import { byId, readBucket, readTable } from './read.ts';

type World = { url: string; env: Environment; dataDir: string; ledger: Ledger; photo: Buffer };

/** How long events may take to be dealt with once nobody kills any more, milliseconds. */
const SETTLE_MS = 10 * 60_000;

/** Waits until the labeler has dealt with every event. */
export async function settle(dataDir: string): Promise<void> {
  const end = performance.now() + SETTLE_MS;
  while ((await readdir(join(dataDir, 's3', 'events'))).length > 0) {
    if (performance.now() > end) throw new Error(`events are left after ${SETTLE_MS} ms`);
    await sleep(100);
  }
}

/**
 * Compares what clients were told with what is there, through the API and behind its back.
 * @returns findings: each has to be empty; `more` counts what was stored though its answer was cut off
 */
export async function verify({ url, env, dataDir, ledger, photo }: World) {
  const table = await readTable(env, env.DYNAMO_TABLE);
  const items = byId(table.filter(({ user }) => user?.S?.startsWith('USER#')));
  const entries = new Set(table.map(({ user, id }) => `${user?.S} ${id?.S}`));
  const objects = await readBucket(env, env.BUCKET);
  const renditions = await readBucket(env, env.RENDITIONS_BUCKET);
  const pixels = (await createRenderer()(async () => photo)).renditions.at(-1)?.bytes;
  const shown = new Map<string, Shown>();
  for (const user of new Set(ledger.entries.map((entry) => entry.user)))
    for (const post of await readPosts(`${url}/posts?user=${user}`)) shown.set(post.id, post);
  const known = new Set(ledger.entries.map(({ id }) => id));
  const dead = join(dataDir, 's3', 'dead-letters.jsonl');

  const photos = ledger.entries.filter((entry) => entry.photo !== undefined && !entry.deleted);
  const lostPhotos: string[] = [];
  for (const { id, photo: key = '' } of photos) {
    const post = shown.get(id);
    const item = items.get(id);
    const failed = post?.status === 'failed' && Boolean(post.error);
    // A later one, whose acknowledgement was cut off, may have taken its place.
    const labelled = post?.labels?.includes('Cat') && (item?.key?.S ?? '') >= key;
    if (!failed && !(labelled && (await isServed(post?.image, pixels)))) lostPhotos.push(key);
  }

  return {
    more: [...shown.keys()].filter((id) => !known.has(id)).length,
    findings: {
      'posts lost': [
        ...ledger.entries.filter(({ id, deleted }) => !deleted && !shown.has(id)),
        ...ledger.lost,
      ].map(({ id }) => id),
      'deletes undone': ledger.entries.flatMap(({ id, deleted }) => (deleted && items.has(id) ? [id] : [])),
      'photos without label or error': lostPhotos,
      'dead letters': existsSync(dead) ? (await readFile(dead, 'utf8')).trim().split('\n') : [],
      ghosts: [...items].flatMap(([id, { title, body, createdAt }]) =>
        title && body && createdAt ? [] : [id],
      ),
      'posts that lists miss': [...items.keys()].filter((id) => !shown.has(id)),
      'posts that the index misses, or has too many': differences(
        [...items.keys()],
        (await readPosts(`${url}/posts`)).map(({ id }) => id),
      ),
      // One too many shows nothing: a writer that was killed may leave it.
      'posts that a label of theirs does not lead to': [...items].flatMap(([id, item]) =>
        fromItem(item).labels?.every((label) => entries.has(`${labelPartition(label)} ${id}`)) === false
          ? [id]
          : [],
      ),
      'objects that no post shows': objects
        .filter(
          ({ id, key, version }) =>
            items.get(`POST#${id}`)?.key?.S !== key || items.get(`POST#${id}`)?.version?.S !== version,
        )
        .map(({ key }) => key),
      'renditions that no post shows': renditions
        .filter(({ id, key }) => !isOf(key, items.get(`POST#${id}`)))
        .map(({ key }) => key),
    },
  };
}

/** Whether a rendition is of the photo that an item has. */
function isOf(rendition: string, item: Record<string, AttributeValue> | undefined): boolean {
  const photo = parseImageKey(item?.key?.S ?? '');
  const sequencer = item?.sequencer?.S ?? '';
  return (
    photo !== undefined &&
    rendition.startsWith(renditionFolder(photo.user, photo.id, photo.photoId, sequencer))
  );
}

type Shown = { id: string; status: string; labels?: string[]; image?: string; error?: string };

async function readPosts(url: string): Promise<Shown[]> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET /posts answered ${response.status}`);
  // The contract says what a list holds, and its tests hold it to that.
  return (await response.json()) as Shown[];
}

async function isServed(image: string | undefined, photo: Buffer | undefined): Promise<boolean> {
  if (image === undefined || photo === undefined) return false;
  const response = await fetch(image);
  return response.ok && photo.equals(Buffer.from(await response.arrayBuffer()));
}

function differences(one: string[], other: string[]): string[] {
  const [a, b] = [new Set(one), new Set(other)];
  return [...one.filter((id) => !b.has(id)), ...other.filter((id) => !a.has(id))];
}
