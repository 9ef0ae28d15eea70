import * as v from 'valibot';
import { UNSAFE } from '../identity/user-name.ts';

/** A post as the API shows it. */
export type Post = {
  user: string;
  /** `POST#<uuid>` */
  id: string;
  title: string;
  body: string;
  /** What is on the photo, in the author's words, for whoever does not see it. */
  alt?: string;
  /** ISO 8601, UTC */
  createdAt: string;
  /** Presigned GET URL of the largest rendition of the photo. */
  image?: string;
  /** Renditions, the narrowest first; where a list is not all that there is, and for single posts. */
  thumbnails?: { width: number; url: string }[];
  /** Of the photo as it stands upright, pixels. */
  width?: number;
  height?: number;
  /** What to paint while the photo loads, base64. */
  thumbhash?: string;
  /** The same list as `labels`; both are absent until the photo is labelled. Its author may have written it anew. */
  label?: string[];
  labels?: string[];
  status: PostStatus;
  /** Why the photo was refused. */
  error?: string;
};

export type PostStatus = 'none' | 'labelled' | 'failed';

/** A post as it is kept: instead of URLs the photo's key, and which write of that key was labelled. */
export type StoredPost = Omit<Post, 'image' | 'thumbnails' | 'label'> & { key?: string; sequencer?: string };

/** A text that says something. @param what it is called in the message */
export const textSchema = (what: string) =>
  v.pipe(
    v.string(`${what} must be a text`),
    // As far as JSON Schema can say it.
    v.metadata({ pattern: '[^\\s\\ufeff]' }),
    v.check((value) => value.trim() !== '', `${what} must not be empty`),
    v.check((value) => value.isWellFormed(), `${what} must be well-formed Unicode`),
  );

/** At most so many characters. @param what it is called in the message */
export const atMost = (characters: number, what: string) =>
  [
    v.check<string, string>(
      (value) => [...value].length <= characters,
      `${what} must have at most ${characters} characters`,
    ),
    v.metadata<string, { maxLength: number }>({ maxLength: characters }),
  ] as const;

/** What an author writes, and may write anew. The length of the body is bounded by the request's 64 KiB. */
export const words = {
  title: v.pipe(textSchema('the title'), ...atMost(300, 'the title')),
  body: textSchema('the text'),
  /** Empty where there is none. */
  alt: v.pipe(
    v.string('the description must be a text'),
    v.check((value) => value.isWellFormed(), 'the description must be well-formed Unicode'),
    ...atMost(1000, 'the description'),
    v.trim(),
  ),
};

/** What a caller sends to make a post. */
export const draftSchema = v.object(
  { title: words.title, body: words.body, alt: v.exactOptional(words.alt) },
  (issue) => (issue.expected === 'Object' ? 'must be a JSON object with title and body' : 'is missing'),
);

/**
 * Bytes that a post may have: what the body of a request may, and what other requests may add to the longest body: a title of
 * 1,200 bytes, an alternative of 4,000 and labels, which are shown twice, of 8,000.
 */
export const MAX_POST_BYTES = 80 * 1024;

export type Draft = v.InferOutput<typeof draftSchema>;

/** A bare uuid of any version, or `POST#<uuid>`; gives `POST#<uuid>` in lower case. */
export const postIdSchema = v.pipe(
  v.string('is missing'),
  v.metadata({ pattern: '^(POST#)?[\\da-fA-F]{8}(-[\\da-fA-F]{4}){3}-[\\da-fA-F]{12}$' }),
  v.transform((id) => id.replace(/^POST#/, '').toLowerCase()),
  v.uuid('must be a uuid, or POST# and a uuid'),
  v.transform((uuid) => `POST#${uuid}`),
);

/** `POST#<uuid>` → `<uuid>` */
export const uuidOf = (id: string): string => id.slice('POST#'.length);

/** 4 partitions of the time index: each takes 1,000 writes/s. */
export const SHARDS = ['SHARD#0', 'SHARD#1', 'SHARD#2', 'SHARD#3'] as const;

/** A function of the uuid alone, so that one post can be found by its id. The last digit of a uuid v7 is random. */
export const shardOf = (id: string): string => `SHARD#${Number.parseInt(id.slice(-1), 16) % SHARDS.length}`;

/** Where all photos of a post live in the bucket. */
export const photoPrefix = (user: string, id: string): string => `${user}/${uuidOf(id)}/`;

/** S3 allows 1,024 bytes a key: 256 of user name, 36 and 36 of uuids, 2 slashes. */
const MAX_BASENAME_BYTES = 100;

/**
 * The S3 key of a photo. The server writes it, the labeler reads it with `parseImageKey`.
 * @param photoId uuid v7: a photo signed later has the larger key
 * @param filename whatever the caller's file is called; only its last segment is kept
 */
export function imageKey(user: string, id: string, photoId: string, filename: string): string {
  return `${photoPrefix(user, id)}${photoId}${basename(filename)}`;
}

/**
 * Where the renditions of a photo are, in their own bucket. Of each write of one key in another folder: what is shown of one
 * can never be of another. Folders of a post compare as its photos do, the one signed or written later being the larger.
 * @param photoId uuid of the photo
 * @param sequencer of the write, padded with zeros or not
 */
export const renditionFolder = (user: string, id: string, photoId: string, sequencer: string): string =>
  `${photoPrefix(user, id)}${photoId}/${sequencer.replace(/0+$/, '') || '0'}/`;

function basename(filename: string): string {
  const name = (filename.split(/[/\\]/).at(-1) ?? '').replace(UNSAFE, '').normalize('NFC');
  const bytes = Buffer.from(name);
  if (bytes.length <= MAX_BASENAME_BYTES) return name;
  // The end holds the extension. A cut inside a character leaves U+FFFD in front.
  return bytes
    .subarray(-MAX_BASENAME_BYTES)
    .toString()
    .replace(/^\uFFFD+/, '');
}

/**
 * The post that a photo belongs to, and the photo's own uuid.
 * @returns undefined when the key is not one of `imageKey`
 */
export function parseImageKey(key: string): { user: string; id: string; photoId: string } | undefined {
  const [user, uuid, photo, ...rest] = key.split('/');
  if (!user || !uuid || !photo || rest.length > 0) return undefined;
  const id = v.safeParse(postIdSchema, uuid);
  const photoId = photo.slice(0, 36);
  const isPhoto = v.is(v.pipe(v.string(), v.uuid()), photoId);
  return id.success && uuidOf(id.output) === uuid && isPhoto ? { user, id: id.output, photoId } : undefined;
}
