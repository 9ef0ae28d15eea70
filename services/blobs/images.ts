import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createImageStore } from '../../src/aws/image-store.ts';
import { blobKey, blobPrefix } from './blob.ts';

/** Seconds that an upload URL lives. */
const EXPIRES = { expiresIn: 300 };

export type BlobImages = ReturnType<typeof createBlobImages>;

/** Images in S3. All methods throw the SDK's errors. @param bucket its name */
export function createBlobImages(s3: S3Client, bucket: string) {
  const images = createImageStore(s3, bucket);
  return {
    headNewest: images.headNewest,
    /** Deletes one version for good; one that is gone already is no error. */
    remove: images.remove,

    /** A URL to PUT an image to. It signs no content type: any is taken, and none. */
    uploadUrl: (blob: { id: string; upload: string }): Promise<string> =>
      getSignedUrl(s3, new PutObjectCommand({ Bucket: bucket, Key: blobKey(blob) }), EXPIRES),

    /** Deletes all images of a blob for good, with their versions. */
    removeAll: (id: string): Promise<void> => images.removeAll(blobPrefix(id)),

    /** Deletes what lies under one upload URL, with its versions. */
    removeUpload: (blob: { id: string; upload: string }): Promise<void> => images.removeAll(blobKey(blob)),
  };
}
