import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Values } from '../cloudformation/parameters.ts';

/** What goes into the artifacts bucket. Its key names its content: another content has another key, and so is deployed. */
export interface Artifact {
  name: string;
  key: string;
  bytes: Uint8Array;
  sha256: string;
  contentType: string;
  /** How templates hear of it. */
  parameters: Values;
}

/** Whether the bucket has it, whole. */
export async function isThere(
  s3: S3Client,
  bucket: string,
  owner: string,
  { key, bytes }: Artifact,
): Promise<boolean> {
  const object = { Bucket: bucket, Key: key, ExpectedBucketOwner: owner };
  try {
    return (await s3.send(new HeadObjectCommand(object))).ContentLength === bytes.length;
  } catch (error) {
    if (error instanceof Error && (error.name === 'NotFound' || error.name === 'NoSuchKey')) return false;
    throw error;
  }
}

/**
 * Puts an artifact into the bucket unless it is there.
 * @param owner the account that must own the bucket
 * @returns whether it had to be uploaded
 */
export async function upload(
  s3: S3Client,
  bucket: string,
  owner: string,
  artifact: Artifact,
): Promise<boolean> {
  if (await isThere(s3, bucket, owner, artifact)) return false;
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: artifact.key,
      ExpectedBucketOwner: owner,
      Body: artifact.bytes,
      ContentType: artifact.contentType,
      // S3 itself compares: what arrives damaged is refused.
      ChecksumSHA256: Buffer.from(artifact.sha256, 'hex').toString('base64'),
    }),
  );
  return true;
}
