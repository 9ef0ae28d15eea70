import {
  DeleteObjectsCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';

export type ImageStore = ReturnType<typeof createImageStore>;

/** One upload: a key may have been written more than once. In a bucket that keeps no versions it has none. */
export type ImageVersion = { key: string; version?: string | undefined };

type Entry = { Key?: string | undefined; VersionId?: string | undefined };

/** What S3 calls the version of an object from before the bucket kept versions, or where it keeps none. */
const NO_VERSION = 'null';

/**
 * Photos in S3, each version for itself: what is deleted here is gone for good. All methods throw the SDK's errors.
 * @param bucket bucket name
 */
export function createImageStore(client: S3Client, bucket: string) {
  return {
    /** Deletes all versions of all photos under a prefix, and the markers of what was deleted in other ways. */
    removeAll: (prefix: string): Promise<void> => removeListed(prefix, () => true),

    /** Deletes the photos under a prefix that were signed earlier than this one, and what was written before it. */
    async removeOlder(prefix: string, { key, version = NO_VERSION }: ImageVersion): Promise<void> {
      let reached = false;
      await removeListed(prefix, ({ Key = '', VersionId }) => {
        if (Key !== key) return Key < key;
        // The newest version of a key is listed first. One that is not there has nothing behind it that could be told.
        if (VersionId !== version) return reached;
        reached = true;
        return false;
      });
    },

    /** Deletes one upload; one that is gone already is no error. */
    remove: ({ key, version = NO_VERSION }: ImageVersion): Promise<void> =>
      remove([{ Key: key, VersionId: version }]),

    /**
     * What S3 knows of an upload.
     * @returns undefined when it is gone, or another was made to its key since
     */
    async headNewest({ key, version = NO_VERSION }: ImageVersion) {
      const head = await headOf(key);
      return (head?.VersionId ?? NO_VERSION) === version ? head : undefined;
    },
  };

  async function headOf(key: string): Promise<HeadObjectCommandOutput | undefined> {
    try {
      return await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    } catch (error) {
      // A HEAD has no body, so that its error has no better name than the status.
      if (error instanceof Error && error.name === 'NotFound') return undefined;
      throw error;
    }
  }

  async function removeListed(prefix: string, isDoomed: (entry: Entry) => boolean): Promise<void> {
    let markers: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
    while (markers) {
      const page: ListObjectVersionsCommandOutput = await client.send(
        new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...markers }),
      );
      // S3 goes on after a version that is gone by then: https://github.com/localstack/localstack/pull/12259
      await remove([...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].filter(isDoomed));
      markers = page.IsTruncated
        ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
        : undefined;
    }
  }

  /** @param entries at most 1,000, as many as a list page has */
  async function remove(entries: Entry[]): Promise<void> {
    if (entries.length === 0) return;
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({
        Bucket: bucket,
        Delete: { Objects: entries.map(({ Key, VersionId }) => ({ Key, VersionId })), Quiet: true },
      }),
    );
    // DeleteObjects answers 200 even when single keys failed. A version that is gone already is what was wanted.
    const failed = Errors.filter(({ Code }) => Code !== 'NoSuchVersion');
    const [first] = failed;
    if (first) throw new NotDeleted(first.Code, `${failed.length} photos, the first: ${first.Message}`);
  }
}

/** Called by S3's code for the first of them, as its other errors are. */
class NotDeleted extends Error {
  constructor(code: string | undefined, message: string) {
    super(message);
    this.name = code ?? 'NotDeleted';
  }
}
