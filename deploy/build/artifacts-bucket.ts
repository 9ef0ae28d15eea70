import {
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { DeployFailure } from '../cloudformation/failure.ts';

/** Where the code of a stage's systems is kept. */
export interface ArtifactsBucket {
  name: string;
  stage: string;
  /** The account that must own it: a bucket's name says nothing about its owner. */
  account: string;
  partition: string;
  region: string;
}

/** At most S3's 63 characters: a stage has 15, an account 12, the longest region 14. */
export function artifactsBucketOf(place: Omit<ArtifactsBucket, 'name'>): ArtifactsBucket {
  return { ...place, name: `postagram-artifacts-${place.stage}-${place.account}-${place.region}` };
}

/**
 * Whether the bucket is there.
 * @throws DeployFailure when the name is somebody else's
 */
export async function bucketExists(s3: S3Client, { name, account }: ArtifactsBucket): Promise<boolean> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: name, ExpectedBucketOwner: account }));
    return true;
  } catch (error) {
    const status = statusOf(error);
    if (status === 404) return false;
    // HEAD has no body that could say more: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
    if (status === 403) throw foreign(name);
    throw error;
  }
}

/**
 * Makes the bucket unless it is there, and sets it up, which an interrupted run may not have come to: private, encrypted,
 * TLS only, half-done uploads dropped after a day. One call after another: S3 refuses two changes of a bucket at once.
 * @throws DeployFailure when the name is somebody else's, or was given up a moment ago
 */
export async function ensureBucket(s3: S3Client, bucket: ArtifactsBucket): Promise<void> {
  const { name: Bucket, account: ExpectedBucketOwner } = bucket;
  if (!(await bucketExists(s3, bucket))) await create(s3, bucket);
  const on = { Bucket, ExpectedBucketOwner };
  await s3.send(
    new PutPublicAccessBlockCommand({
      ...on,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    }),
  );
  await s3.send(
    new PutBucketOwnershipControlsCommand({
      ...on,
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    }),
  );
  await s3.send(
    new PutBucketEncryptionCommand({
      ...on,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    }),
  );
  await s3.send(new PutBucketPolicyCommand({ ...on, Policy: JSON.stringify(tlsOnly(bucket)) }));
  await s3.send(
    new PutBucketLifecycleConfigurationCommand({
      ...on,
      LifecycleConfiguration: {
        Rules: [
          {
            ID: 'abandoned-uploads',
            Status: 'Enabled',
            Filter: { Prefix: '' },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
          },
        ],
      },
    }),
  );
  await s3.send(
    new PutBucketTaggingCommand({ ...on, Tagging: { TagSet: [{ Key: 'Stage', Value: bucket.stage }] } }),
  );
}

async function create(s3: S3Client, { name: Bucket }: ArtifactsBucket): Promise<void> {
  try {
    // The SDK names the client's region, but for us-east-1, which S3 refuses to be told.
    await s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'BucketOwnerEnforced' }));
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    if (name === 'BucketAlreadyOwnedByYou') return;
    if (name === 'BucketAlreadyExists') throw foreign(Bucket);
    throw error;
  }
}

function tlsOnly({ name, partition }: ArtifactsBucket) {
  const arn = `arn:${partition}:s3:::${name}`;
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'TlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  };
}

const foreign = (name: string) =>
  new DeployFailure(
    `The bucket ${name} belongs to another account, or these credentials may not look at it`,
    'Nothing was uploaded. Another --stage has another bucket.',
  );

function statusOf(error: unknown): number | undefined {
  // Every error of the SDK that is an answer of AWS carries its status.
  return error instanceof Error && '$metadata' in error
    ? (error.$metadata as { httpStatusCode?: number }).httpStatusCode
    : undefined;
}
