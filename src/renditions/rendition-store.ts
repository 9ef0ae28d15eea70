import { DeleteObjectsCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import type { ListObjectsV2CommandOutput, S3Client } from '@aws-sdk/client-s3';
import { requireDeleted } from '../aws/object-versions.ts';
import type { Rendering } from './render.ts';

export type RenditionStore = ReturnType<typeof createRenditionStore>;

/** A folder has a name of its own for each photo, so that what is under a key never changes. */
const FOREVER = 'private, max-age=31536000, immutable';

/** The key of a rendition. @param folder ends in a slash */
export const renditionKey = (folder: string, width: number): string => `${folder}${width}.webp`;

/**
 * Renditions in S3, in a bucket that keeps no versions: the photos of one rendering in one folder. All methods throw the SDK's
 * errors.
 * @param bucket bucket name
 */
export function createRenditionStore(client: S3Client, bucket: string) {
  return {
    /** Puts the renditions of a photo into a folder; once more is no harm. */
    async put(folder: string, renditions: Rendering['renditions']): Promise<void> {
      await Promise.all(
        renditions.map(({ width, bytes }) =>
          client.send(
            new PutObjectCommand({
              Bucket: bucket,
              Key: renditionKey(folder, width),
              Body: bytes,
              ContentType: 'image/webp',
              CacheControl: FOREVER,
            }),
          ),
        ),
      );
    },

    /** Deletes all renditions under a prefix. */
    removeAll: (prefix: string): Promise<void> => remove(prefix, () => true),

    /** Deletes the renditions under a prefix whose folders come before this one. */
    removeOlder: (prefix: string, folder: string): Promise<void> => remove(prefix, (key) => key < folder),
  };

  async function remove(Prefix: string, isDoomed: (key: string) => boolean): Promise<void> {
    let from: { ContinuationToken?: string } | undefined = {};
    while (from) {
      const page: ListObjectsV2CommandOutput = await client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix, ...from }),
      );
      const keys = (page.Contents ?? []).flatMap(({ Key }) =>
        Key !== undefined && isDoomed(Key) ? [Key] : [],
      );
      if (keys.length > 0) {
        const Objects = keys.map((Key) => ({ Key }));
        requireDeleted(
          await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } })),
        );
      }
      from =
        page.NextContinuationToken === undefined
          ? undefined
          : { ContinuationToken: page.NextContinuationToken };
    }
  }
}
