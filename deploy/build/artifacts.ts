import { createHash } from 'node:crypto';
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Values } from '../cloudformation/parameters.ts';

/** What goes into the artifacts bucket. Its key names its content: another content has another key, and so is deployed. */
export interface Artifact {
  name: string;
  key: string;
  /** For people, such as `12345 bytes`. */
  size: string;
  /** What of it is not on this machine is fetched: only what has to be uploaded is asked for its bytes. */
  bytes: () => Promise<Uint8Array>;
  contentType: string;
  /** How templates hear of it. */
  parameters: Values;
}

/** Whether the bucket has it: S3 has an object whole, or not at all. */
export async function isThere(
  s3: S3Client,
  bucket: string,
  owner: string,
  { key }: Artifact,
): Promise<boolean> {
  const object = { Bucket: bucket, Key: key, ExpectedBucketOwner: owner };
  try {
    await s3.send(new HeadObjectCommand(object));
    return true;
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
  const bytes = await artifact.bytes();
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: artifact.key,
      ExpectedBucketOwner: owner,
      Body: bytes,
      ContentType: artifact.contentType,
      // S3 itself compares: what arrives damaged is refused.
      ChecksumSHA256: createHash('sha256').update(bytes).digest('base64'),
    }),
  );
  return true;
}
