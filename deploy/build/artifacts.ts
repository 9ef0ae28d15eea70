import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import type { ServerBundle } from './bundle.ts';
import type { Values } from '../cloudformation/parameters.ts';

/** The key names the content: a new bundle has a new key, and so rolls the fleet. */
export const bundleKey = ({ sha256 }: ServerBundle) => `server/${sha256}.tar.gz`;

/** What the server stack needs to know of its bundle. */
export function bundleParameters(bundle: ServerBundle): Values {
  return { BundleKey: bundleKey(bundle), BundleSha256: bundle.sha256 };
}

/**
 * Puts the bundle into the artifacts bucket unless it is there.
 * @returns whether it had to be uploaded
 */
export async function uploadBundle(s3: S3Client, bucket: string, bundle: ServerBundle): Promise<boolean> {
  const object = { Bucket: bucket, Key: bundleKey(bundle) };
  if ((await sizeOf(s3, object)) === bundle.bytes.length) return false;
  await s3.send(
    new PutObjectCommand({
      ...object,
      Body: bundle.bytes,
      ContentType: 'application/gzip',
      // S3 itself compares: what arrives damaged is refused.
      ChecksumSHA256: Buffer.from(bundle.sha256, 'hex').toString('base64'),
    }),
  );
  return true;
}

async function sizeOf(s3: S3Client, object: { Bucket: string; Key: string }): Promise<number | undefined> {
  try {
    return (await s3.send(new HeadObjectCommand(object))).ContentLength;
  } catch (error) {
    if (error instanceof Error && (error.name === 'NotFound' || error.name === 'NoSuchKey')) return undefined;
    throw error;
  }
}
