import { DeleteObjectsCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';

export type ImageStore = ReturnType<typeof createImageStore>;

/**
 * Photos in S3. All methods throw the SDK's errors.
 * @param bucket bucket name
 */
export function createImageStore(client: S3Client, bucket: string) {
  return {
    /**
     * Deletes the photos under a prefix, page by page.
     * @param olderThan only keys smaller than this one: photos that were signed earlier
     */
    async removeAll(prefix: string, olderThan?: string): Promise<void> {
      let token: string | undefined;
      do {
        const page = await client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
        );
        const keys = (page.Contents ?? []).flatMap(({ Key }) => Key ?? []);
        await remove(olderThan === undefined ? keys : keys.filter((key) => key < olderThan));
        token = page.NextContinuationToken;
      } while (token);
    },

    /** Deletes one photo; one that is gone already is no error. */
    remove: (key: string): Promise<void> => remove([key]),
  };

  /** @param keys at most 1,000, as many as a list page has */
  async function remove(keys: string[]): Promise<void> {
    if (keys.length === 0) return;
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({
        Bucket: bucket,
        Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true },
      }),
    );
    // DeleteObjects answers 200 even when single keys failed.
    const [first] = Errors;
    if (first) throw new NotDeleted(first.Code, `${Errors.length} photos, the first: ${first.Message}`);
  }
}

/** Called by S3's code for the first of them, as its other errors are. */
class NotDeleted extends Error {
  constructor(code: string | undefined, message: string) {
    super(message);
    this.name = code ?? 'NotDeleted';
  }
}
