import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Ends every object file, so that a torn one is recognised. */
const MAGIC = 'POSTAGRAM-OBJECT';

export type ObjectInfo = {
  key: string;
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
 * Objects on disk, one file each: the bytes, then what is known of them, so that one rename puts both in place.
 * A file is named by the SHA-256 of its key: no key, whatever it holds, names a path.
 * Kept from a killed process; not synced to the disk for a power cut (a torn file is then dropped at the next start).
 */
export async function openObjectStore(dataDir: string) {
  const folder = join(dataDir, 'objects');
  const temporary = join(dataDir, 'incoming');
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  await mkdir(folder, { recursive: true });

  const objects = new Map<string, ObjectInfo>();
  let last = 0n;
  for (const name of await readdir(folder)) {
    const file = await open(join(folder, name), 'r');
    const info = await readFooter(file).finally(() => file.close());
    if (info === undefined) continue;
    objects.set(info.key, info);
    if (BigInt(`0x${info.sequencer}`) > last) last = BigInt(`0x${info.sequencer}`);
  }

  let sorted: string[] | undefined;
  let commits = Promise.resolve();
  const pathOf = (key: string) => join(folder, createHash('sha256').update(key).digest('hex'));

  /** Grows even when the clock goes back or two PUTs share a millisecond. */
  const nextSequencer = () => {
    const now = BigInt(Date.now()) << 16n;
    last = now > last ? now : last + 1n;
    return last.toString(16).toUpperCase().padStart(18, '0');
  };

  /** One after the other, so that the largest sequencer is what stays. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = commits.then(work);
    commits = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  };

  return {
    get: (key: string) => objects.get(key),

    /** Keys in the order of their UTF-8 bytes, as S3 lists them. */
    keys: () =>
      (sorted ??= [...objects.keys()].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))),

    /**
     * Stores a body; until it is whole and `check` is content, nothing of it shows.
     * @param check throws to refuse what came
     * @param committed runs before anybody is told; a throw from it reaches the caller
     */
    async put(
      key: string,
      body: Readable,
      headers: Record<string, string>,
      check: (md5: Buffer, size: number) => void,
      committed: (info: ObjectInfo) => Promise<void>,
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
          const modified = new Date().toISOString();
          const etag = digest.toString('hex');
          const info: ObjectInfo = { key, size, etag, sequencer: nextSequencer(), modified, headers };
          await file.writeFile(footer(info));
          await file.close();
          await rename(path, pathOf(key));
          objects.set(key, info);
          sorted = undefined;
          await committed(info);
          return info;
        });
      } finally {
        await file.close();
        await rm(path, { force: true });
      }
    },

    /** @returns whether there was one */
    remove: (key: string) =>
      inTurn(async () => {
        if (!objects.delete(key)) return false;
        sorted = undefined;
        await rm(pathOf(key), { force: true });
        return true;
      }),

    /** An object's own file, which stays readable when the key is put again or removed; the caller closes it. */
    async open(key: string) {
      if (!objects.has(key)) return undefined;
      const file = await open(pathOf(key), 'r').catch(() => undefined);
      const info = file && (await readFooter(file));
      return file && info && { file, info };
    },
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
  // Written by footer() above, and whole: the magic word is the last thing written.
  const info = JSON.parse(json.toString()) as ObjectInfo;
  return info.size === size - tail.length - length ? info : undefined;
}
