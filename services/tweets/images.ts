import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { removeVersions } from '../../src/aws/object-versions.ts';

/** Seconds that a presigned URL lives. */
const EXPIRES = { expiresIn: 1800 };

export type ImageStore = ReturnType<typeof createImageStore>;

/** Pictures in S3. All methods throw the SDK's errors. @param bucket its name */
export function createImageStore(s3: S3Client, bucket: string) {
  return {
    /** A URL to PUT a picture to, of any content type. */
    uploadUrl: (key: string): Promise<string> =>
      getSignedUrl(s3, new PutObjectCommand({ Bucket: bucket, Key: key }), EXPIRES),

    /** A URL to GET it from: shown as a picture, whatever type it was uploaded with. */
    downloadUrl: (key: string): Promise<string> =>
      getSignedUrl(
        s3,
        new GetObjectCommand({ Bucket: bucket, Key: key, ResponseContentType: 'image/png' }),
        EXPIRES,
      ),

    /** Deletes a picture with all its versions; one that is gone is no error. */
    remove: (key: string): Promise<void> => removeVersions(s3, bucket, key, ({ Key }) => Key === key),
  };
}
