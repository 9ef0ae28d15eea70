import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { newVersionId, NULL_VERSION, SEQUENCER_DIGITS } from './version-id.ts';

/** Ends every object file, so that a torn one is recognised. */
const MAGIC = 'POSTAGRAM-OBJECT';

/** One version of an object. */
export type ObjectInfo = {
  key: string;
  version: string;
  /** It has no bytes, and hides the versions before it. */
  marker?: true;
  size: number;
  /** Hex MD5, as S3's for an object put in one part. */
  etag: string;
  /** Hex, of one length, growing with every PUT. */
  sequencer: string;
  /** ISO 8601. */
  modified: string;
  /** Headers to give back with the object. */
  headers: Record<string, string>;
};

export type ObjectStore = Awaited<ReturnType<typeof openObjectStore>>;

/**
 * Versioned objects on disk, one file a version: the bytes, then what is known of them, so that one rename puts both
 * in place. A file is named by the SHA-256 of its key, and its version: no key, whatever it holds, names a path.
 * Kept from a killed process; not synced to the disk for a power cut (a torn file is then dropped at the next start).
 * @param versioned false for a bucket that keeps no versions: a key then has one object, which is written over
 */
export async function openObjectStore(dataDir: string, versioned = true) {
  const folder = join(dataDir, 'objects');
  const temporary = join(dataDir, 'incoming');
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  await mkdir(folder, { recursive: true });

  /** Of each key, the newest first. */
  const objects = new Map<string, ObjectInfo[]>();
  let last = 0n;
  let sorted: string[] | undefined;
  let commits = Promise.resolve();

  const insert = (info: ObjectInfo) => {
    const others = (objects.get(info.key) ?? []).filter(({ version }) => version !== info.version);
    const versions = [...others, info];
    objects.set(
      info.key,
      versions.toSorted((a, b) => (a.sequencer < b.sequencer ? 1 : -1)),
    );
    if (versions.length === 1) sorted = undefined;
  };

  for (const name of await readdir(folder)) {
    const file = await open(join(folder, name), 'r');
    const info = await readFooter(file).finally(() => file.close());
    if (info === undefined) continue;
    insert(info);
    if (BigInt(`0x${info.sequencer}`) > last) last = BigInt(`0x${info.sequencer}`);
  }
  const found = new Set([...objects.values()].flat().map(({ sequencer }) => sequencer));

  const pathOf = ({ key, version }: Pick<ObjectInfo, 'key' | 'version'>) => {
    const hash = createHash('sha256').update(key).digest('hex');
    return join(folder, version === NULL_VERSION ? hash : `${hash}.${version}`);
  };

  /** Grows even when the clock goes back or two PUTs share a millisecond. */
  const nextSequencer = () => {
    const now = BigInt(Date.now()) << 16n;
    last = now > last ? now : last + 1n;
    return last.toString(16).toUpperCase().padStart(SEQUENCER_DIGITS, '0');
  };

  const describe = (
    key: string,
    content: Pick<ObjectInfo, 'size' | 'etag' | 'headers' | 'marker'>,
  ): ObjectInfo => {
    const sequencer = nextSequencer();
    return {
      key,
      version: versioned ? newVersionId(sequencer) : NULL_VERSION,
      sequencer,
      modified: new Date().toISOString(),
      ...content,
    };
  };

  /** One after the other, so that the largest sequencer is the newest version. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = commits.then(work);
    commits = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  };

  return {
    /** Of a key, the newest first: without a version, that is the object, or the marker that hides it. */
    versions: (key: string): readonly ObjectInfo[] => objects.get(key) ?? [],

    /** Keys that have a version or a marker, in the order of their UTF-8 bytes, as S3 lists them. */
    keys: () =>
      (sorted ??= [...objects.keys()].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))),

    /** Whether the version with this sequencer was there when the store was opened. */
    wasThere: (sequencer: string): boolean => found.has(sequencer),

    /**
     * Stores a body as a new version; until it is whole and `check` is content, nothing of it shows.
     * @param check throws to refuse what came
     * @param announce must call `commit`, which puts the version in place; what it has to keep is kept before that, so
     *   that a killed process leaves no version that nobody was told of. A throw from it reaches the caller
     */
    async put(
      key: string,
      body: Readable,
      headers: Record<string, string>,
      check: (md5: Buffer, size: number) => void,
      announce: (info: ObjectInfo, commit: () => Promise<void>) => Promise<void>,
    ): Promise<ObjectInfo> {
      const path = join(temporary, randomUUID());
      const md5 = createHash('md5');
      let size = 0;
      const file = await open(path, 'wx');
      try {
        await pipeline(body, async (chunks: AsyncIterable<Buffer>) => {
          for await (const chunk of chunks) {
            md5.update(chunk);
            size += chunk.length;
            await file.writeFile(chunk);
          }
        });
        const digest = md5.digest();
        check(digest, size);
        return await inTurn(async () => {
          const info = describe(key, { size, etag: digest.toString('hex'), headers });
          await file.writeFile(footer(info));
          await file.close();
          await announce(info, async () => {
            await rename(path, pathOf(info));
            insert(info);
          });
          return info;
        });
      } finally {
        await file.close();
        await rm(path, { force: true });
      }
    },

    versioned,

    /** Hides a key, be there an object or not, under a delete marker, as S3 does. @returns the marker */
    hide: (key: string) =>
      inTurn(async () => {
        const info = describe(key, { size: 0, etag: '', headers: {}, marker: true });
        const path = join(temporary, randomUUID());
        await writeFile(path, footer(info));
        await rename(path, pathOf(info));
        insert(info);
        return info;
      }),

    /** Removes a version for good. @returns the one that was, undefined when there was none */
    remove: (key: string, version: string) =>
      inTurn(async () => {
        const versions = objects.get(key) ?? [];
        const removed = versions.find((info) => info.version === version);
        if (!removed) return undefined;
        const left = versions.filter((info) => info !== removed);
        if (left.length > 0) objects.set(key, left);
        else {
          objects.delete(key);
          sorted = undefined;
        }
        await rm(pathOf(removed), { force: true });
        return removed;
      }),

    /** A version's own file, which stays readable when it is removed; the caller closes it. */
    open: (info: ObjectInfo): Promise<FileHandle | undefined> =>
      open(pathOf(info), 'r').catch(() => undefined),
  };
}

function footer(info: ObjectInfo): Buffer {
  const json = Buffer.from(JSON.stringify(info));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([json, length, Buffer.from(MAGIC)]);
}

/** undefined for a file that is not an object, or not a whole one. */
async function readFooter(file: FileHandle): Promise<ObjectInfo | undefined> {
  const { size } = await file.stat();
  const tail = Buffer.alloc(4 + MAGIC.length);
  if (size < tail.length) return undefined;
  await file.read(tail, 0, tail.length, size - tail.length);
  const length = tail.readUInt32BE(0);
  if (tail.toString('latin1', 4) !== MAGIC || length > size - tail.length) return undefined;
  const json = Buffer.alloc(length);
  await file.read(json, 0, length, size - tail.length - length);
  // Written by footer() above, and whole: the magic word is the last thing written. Before versions were kept, without one.
  const info = { version: NULL_VERSION, ...(JSON.parse(json.toString()) as Omit<ObjectInfo, 'version'>) };
  return info.size === size - tail.length - length ? info : undefined;
}
