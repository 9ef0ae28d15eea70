import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Environment } from '../processes.ts';
import { byId, readBucket, readTable } from '../read.ts';
import type { Blob } from './clients.ts';
import type { Arrival } from './receiver.ts';

/** What all photos are of is one of their labels. */
const OfACat = v.pipe(
  v.array(v.string()),
  v.check((labels) => labels.includes('Cat')),
);

export type World = {
  env: Environment;
  dataDir: string;
  blobs: readonly Blob[];
  arrivals: readonly Arrival[];
  forged: readonly string[];
};

/** A try takes no longer than this: one that had begun when its blob was deleted may arrive so much later, milliseconds. */
const TRY_MS = 15_000;
/** After a failed try the next one is a minute away, less what the answer took, milliseconds. */
const QUIET_MS = 45_000;

/** Tries that arrived for a blob after its DELETE was answered, and that no try under way explains. */
export function tooLate(blobs: readonly Blob[], arrivals: readonly Arrival[]): Arrival[] {
  return blobs.flatMap(({ id, deletedAt }) => {
    if (deletedAt === undefined) return [];
    const all = arrivals.filter(({ blobId }) => blobId === id);
    const last = all.findLast(({ answeredAt }) => answeredAt !== undefined && answeredAt < deletedAt);
    // Nothing was under way: the last try had been answered, and was not old enough for another.
    const isQuiet = last?.answeredAt !== undefined && deletedAt - last.answeredAt < QUIET_MS;
    return all.filter(({ at }) => at > deletedAt + (isQuiet ? 0 : TRY_MS));
  });
}

/** Compares what clients and the receiver saw with what is there. @returns findings, each of which has to be empty */
export async function verify({ env, dataDir, blobs, arrivals, forged }: World) {
  const items = byId(await readTable(env, 'blobs-blobs-local'));
  const objects = await readBucket(env, 'blobs-images-local');
  const kept = blobs.filter(({ deletedAt }) => deletedAt === undefined);
  const gone = new Set(blobs.filter((one) => !kept.includes(one)).map(({ id }) => id));
  const successes = new Set(arrivals.filter(({ answer }) => answer === 200).map(({ blobId }) => blobId));
  const known = new Map(blobs.map((blob) => [blob.id, blob]));
  const idsOf = (id: string) =>
    new Set(arrivals.filter(({ blobId }) => blobId === id).map((one) => one.webhookId)).size;

  return {
    'callbacks lost': kept.filter(({ id }) => !successes.has(id)).map(({ id }) => id),
    'callbacks of deleted blobs': tooLate(blobs, arrivals).map(({ blobId }) => blobId),
    'callbacks of blobs that nobody has': arrivals
      .filter(({ blobId }) => !known.has(blobId))
      .map(({ blobId }) => blobId),
    'callbacks that say something else': arrivals
      .filter(
        ({ body, blobId }) => !v.is(v.strictObject({ blobId: v.literal(blobId), labels: OfACat }), body),
      )
      .map(({ body }) => JSON.stringify(body)),
    'wrong signatures': [...forged],
    // One PUT is one image, and all tries of its callback have one id.
    'ids that differ': blobs.filter(({ id, puts }) => idsOf(id) > puts).map(({ id }) => id),
    'blobs that do not know of their callback': kept
      .filter(({ id }) => items.get(id)?.blob_state?.S !== 'PROCESSED_WITH_CALLBACK')
      .map(({ id }) => `${id} ${JSON.stringify(items.get(id))}`),
    ghosts: [...items].flatMap(([id, { upload, blob_state: state }]) =>
      gone.has(id) || !upload || !state ? [id] : [],
    ),
    'images of deleted blobs': objects.filter(({ id }) => gone.has(id)).map(({ key }) => key),
    'dead letters': await deadLetters(dataDir),
  };
}

async function deadLetters(dataDir: string): Promise<string[]> {
  const files = ['streams', join('buckets', 'blobs-images-local')].map((folder) =>
    join(dataDir, folder, 'dead-letters.jsonl'),
  );
  const found = await Promise.all(
    files.filter((file) => existsSync(file)).map((file) => readFile(file, 'utf8')),
  );
  return found.flatMap((text) => text.trim().split('\n'));
}
