import { setTimeout as sleep } from 'node:timers/promises';
import type { Entry, Ledger } from './ledger.ts';

/** Before a stream that was refused or cut off goes on, milliseconds. */
const PAUSE_MS = 50;
/** A call that takes longer than this counts as cut off, milliseconds. */
const CALL_MS = 15_000;
/** Between two posts of a stream with photos, milliseconds: the label network takes ~120 for each. */
const PHOTO_MS = 250;

type World = { url: string; kills: () => number; photo: Buffer; ledger: Ledger };

/**
 * One user's client: writes what it was told into the ledger, and nothing else.
 * @param photos whether its posts get photos
 * @param goOn asked between two posts
 */
export async function stream(
  world: World,
  user: string,
  photos: boolean,
  goOn: () => boolean,
): Promise<void> {
  const client = createClient(world, user);
  const mine: Entry[] = [];
  for (let nth = 0; goOn(); nth++) {
    const entry = await client.post();
    if (!entry) {
      await sleep(PAUSE_MS);
      continue;
    }
    mine.push(entry);
    if (photos) {
      await client.upload(entry);
      // A second photo at once replaces one that is being labelled, a delete takes the post from under it.
      if (nth % 3 === 0) await client.upload(entry);
      if (nth % 3 === 1) await client.remove(entry);
      await sleep(PHOTO_MS);
    }
    if (nth % 4 === 3) {
      const [any] = mine.splice(Math.floor(Math.random() * mine.length), 1);
      if (any && !any.deleted) await client.remove(any);
    }
  }
}

/** Asks again for every delete whose answer never came, as a client does. */
export async function retryDeletes(world: World): Promise<void> {
  for (const entry of world.ledger.entries.filter(({ deleted }) => deleted === 'asked'))
    await createClient(world, entry.user).remove(entry);
}

/** What the API answers, of which the strings are read. */
const json = (text: string) => JSON.parse(text) as Record<string, string>;

function createClient({ url, kills, photo, ledger }: World, user: string) {
  const { acknowledged, errors } = ledger;

  /** @returns undefined when no whole answer came; an error is counted too */
  async function call(
    method: string,
    where: string,
    headers: Record<string, string>,
    body?: string | Buffer,
  ) {
    try {
      const response = await fetch(new URL(where, url), {
        method,
        headers,
        ...(body !== undefined && { body }),
        signal: AbortSignal.timeout(CALL_MS),
      });
      const text = await response.text();
      if (!response.ok) errors.set(response.status, (errors.get(response.status) ?? 0) + 1);
      return { status: response.status, text };
    } catch {
      errors.set('cut', (errors.get('cut') ?? 0) + 1);
      return undefined;
    }
  }

  const authorization = user;

  return {
    async post(): Promise<Entry | undefined> {
      const body = JSON.stringify({ title: 'A post', body: `written at ${new Date().toISOString()}` });
      const answer = await call('POST', '/posts', { authorization }, body);
      if (answer?.status !== 201) return undefined;
      const entry: Entry = { user, id: json(answer.text).id ?? '' };
      acknowledged.posts++;
      ledger.entries.push(entry);
      return entry;
    },

    async upload(entry: Entry): Promise<void> {
      const query = new URLSearchParams({ filename: 'cat.jpg', filetype: 'image/jpeg', postId: entry.id });
      const before = kills();
      const signed = await call('GET', `/signedUrlPut?${query}`, { authorization });
      if (signed?.status === 404 && before === kills()) ledger.lost.push(entry);
      if (signed?.status !== 200) return;
      const { uploadURL = '', objectName = '' } = json(signed.text);
      const put = await call('PUT', uploadURL, { 'content-type': 'image/jpeg' }, photo);
      if (put?.status !== 200) return;
      acknowledged.photos++;
      entry.photo = objectName;
    },

    async remove(entry: Entry): Promise<void> {
      const before = kills();
      const again = entry.deleted === 'asked';
      entry.deleted = 'asked';
      const answer = await call('DELETE', `/posts/${encodeURIComponent(entry.id)}`, { authorization });
      if (answer?.status !== 200 && answer?.status !== 404) return;
      // A try that the SDK repeats may meet its own first one, if the storage died between the two.
      if (answer.status === 404 && !again && before === kills()) ledger.lost.push(entry);
      acknowledged.deletes++;
      entry.deleted = 'acknowledged';
    },
  };
}
