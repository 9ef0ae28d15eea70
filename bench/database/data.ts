/**
 * The posts that every contender reads, made from their number alone: the same at each run and in each process, so that
 * the load generator knows the ids without asking the database.
 */
import { createHash } from 'node:crypto';

/** How many users share the posts, and over whom b, c and e rotate: so many that caching one answer flatters nobody. */
export const userCount = 50;

/** One photo's post, as it stands in the table. Of `shard`, `sequencer`, `version`, its size and `thumbhash` the peers know nothing. */
export type Item = Record<string, string | number | string[]>;

/** Texts of 60 KB: as bytes in memory, and with one character that makes V8 take two bytes for each. */
const long = 'x'.repeat(60_000);
const longAndWide = `${'x'.repeat(59_997)}写`;

/** The tables: their name says what is in them. */
export const tables = {
  /** 1,000 posts without an image, 20 for each user. */
  plain: { name: 'posts-plain-1000', count: 1_000, photos: false },
  /** 1,000 posts with an image, 20 for each user. */
  photos: { name: 'posts-photos-1000', count: 1_000, photos: true },
  /** 100,000 posts with an image, 2,000 for each user. */
  many: { name: 'posts-photos-100000', count: 100_000, photos: true },
  /** 1,500 posts of 60 KB. */
  long: { name: 'posts-long-1500', count: 1_500, photos: false, body: long },
  wide: { name: 'posts-wide-1500', count: 1_500, photos: false, body: longAndWide },
} satisfies Record<string, TableContent>;
export type TableContent = { name: string; count: number; photos: boolean; body?: string };

const firstPostAt = Date.UTC(2026, 0, 1);
const millisecondsBetweenPosts = 60_000;
const titles = [
  'Coucher de soleil à Étretat',
  'My cat, again',
  'Café du matin',
  'Snow on the Vosges',
  'Marché',
];
const sentence =
  'Taken this morning on the way to work; the light was gone a minute later. Première photo du jour. ';
const labels = ['Cat', 'Coffee Cup', 'Person', 'Beach', 'Mountain', 'Dog', 'Bicycle', 'Plant'];

/** The bare name of the user who wrote post `index`. */
export function userOf(index: number): string {
  return `user${String((index % userCount) + 1).padStart(2, '0')}`;
}

/** The bare uuid (version 7) of post `index`: later posts have larger ids. */
export function uuidOf(index: number): string {
  return uuidAt(firstPostAt + index * millisecondsBetweenPosts, `post ${index}`);
}

/** Post `index` as an item, with the attributes of a labelled photo when `photos` is set, and with `body` when that is given. */
export function itemOf(index: number, { photos, body }: Pick<TableContent, 'photos' | 'body'>): Item {
  const user = userOf(index);
  const uuid = uuidOf(index);
  const createdAt = firstPostAt + index * millisecondsBetweenPosts;
  const item: Item = {
    user: `USER#${user}`,
    id: `POST#${uuid}`,
    shard: shardOf(uuid),
    title: `${titles[index % titles.length]} ${index}`,
    body: body ?? sentence.repeat(1 + (index % 3)),
    createdAt: new Date(createdAt).toISOString(),
  };
  if (!photos) return item;
  return {
    ...item,
    key: `${user}/${uuid}/${uuidAt(createdAt + 5_000, `photo ${index}`)}IMG_${1000 + (index % 9000)}.jpg`,
    sequencer: createHash('sha256').update(`sequencer ${index}`).digest('hex').slice(0, 18).toUpperCase(),
    version: createHash('sha256').update(`version ${index}`).digest('hex').slice(0, 32),
    width: 4032,
    height: 3024,
    thumbhash: createHash('sha256').update(`hash ${index}`).digest('base64').slice(0, 28),
    labels: [0, 1, 2].map((offset) => labels[(index + offset) % labels.length] ?? ''),
    status: 'labelled',
  };
}

/** The items by which a post is found by its labels. */
export function labelEntriesOf({ user, id, labels: names }: Item): Item[] {
  if (!Array.isArray(names)) return [];
  const owner = String(user).slice('USER#'.length);
  return names.map((label) => ({ user: `LABEL#${label.toLowerCase()}`, id: String(id), owner, revision: 1 }));
}

/** One of the four hash keys of the index by time. Which one does not matter here, only that all four are used alike. */
function shardOf(uuid: string): string {
  return `SHARD#${parseInt(uuid.slice(-1), 16) % 4}`;
}

/** A uuid of version 7 at that time (ms), its random bits taken from the seed. */
function uuidAt(time: number, seed: string): string {
  const clock = time.toString(16).padStart(12, '0');
  const random = createHash('sha256').update(seed).digest('hex');
  return `${clock.slice(0, 8)}-${clock.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`;
}
