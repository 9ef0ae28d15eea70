import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { removeEntries, removeVersions } from './object-versions.ts';

export type ImageStore = ReturnType<typeof createImageStore>;

/** One upload: a key may have been written more than once. In a bucket that keeps no versions it has none. */
export type ImageVersion = { key: string; version?: string | undefined };

/** What S3 calls the version of an object from before the bucket kept versions, or where it keeps none. */
const NO_VERSION = 'null';

/**
 * Photos in S3, each version for itself: what is deleted here is gone for good. All methods throw the SDK's errors.
 * @param bucket bucket name
 */
export function createImageStore(client: S3Client, bucket: string) {
  return {
    /** Deletes all versions of all photos under a prefix, and the markers of what was deleted in other ways. */
    removeAll: (prefix: string): Promise<void> => removeVersions(client, bucket, prefix, () => true),

    /** Deletes the photos under a prefix that were signed earlier than this one, and what was written before it. */
    async removeOlder(prefix: string, { key, version = NO_VERSION }: ImageVersion): Promise<void> {
      let reached = false;
      await removeVersions(client, bucket, prefix, ({ Key = '', VersionId }) => {
        if (Key !== key) return Key < key;
        // The newest version of a key is listed first. One that is not there has nothing behind it that could be told.
        if (VersionId !== version) return reached;
        reached = true;
        return false;
      });
    },

    /** Deletes one upload; one that is gone already is no error. */
    remove: ({ key, version = NO_VERSION }: ImageVersion): Promise<void> =>
      removeEntries(client, bucket, [{ Key: key, VersionId: version }]),

    /**
     * What S3 knows of an upload.
     * @returns undefined when it is gone, or another was made to its key since
     */
    async headNewest({ key, version = NO_VERSION }: ImageVersion) {
      const head = await unlessGone(client.send(new HeadObjectCommand({ Bucket: bucket, Key: key })));
      return (head?.VersionId ?? NO_VERSION) === version ? head : undefined;
    },

    /**
     * The bytes of an upload.
     * @returns undefined when it is gone
     */
    async read({ key, version }: ImageVersion): Promise<Uint8Array | undefined> {
      const object = new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: version });
      return (await unlessGone(client.send(object)))?.Body?.transformToByteArray();
    },
  };
}

async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    // A HEAD has no body, so that its error has no better name than the status.
    if (error instanceof Error && GONE.has(error.name)) return undefined;
    throw error;
  }
}

const GONE = new Set(['NotFound', 'NoSuchKey', 'NoSuchVersion']);
