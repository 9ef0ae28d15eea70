import { Fn, S3 } from 'cloudform';

import { imageBucketCors, labelerEvents, renditionsBucketCors } from './image-bucket.ts';
import { imageBucketName, renditionsBucketName } from './names.ts';

/**
 * Days that a version stays which was written over, or deleted by hand, and which nobody removed: the labeler does that
 * with the event of the later one. Longer than such an event waits in the dead letter queue: till then the older
 * version is the photo that the post shows.
 */
const oldVersionDays = 30;

export const closed = {
  BucketEncryption: {
    ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
  },
  OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
  PublicAccessBlockConfiguration: {
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  },
};

export const abandonedUploads = {
  AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
  Status: 'Enabled',
};

/** Photos as they were uploaded: written by browsers through pre-signed URLs, and starting the labeler. */
export function imageBucket(): S3.Bucket {
  return new S3.Bucket({
    ...closed,
    BucketName: imageBucketName,
    // A photo is shown, labelled and deleted as the version that was uploaded.
    VersioningConfiguration: { Status: 'Enabled' },
    LifecycleConfiguration: {
      Rules: [
        { Id: 'abandoned-uploads', ...abandonedUploads },
        {
          Id: 'old-versions',
          Status: 'Enabled',
          NoncurrentVersionExpiration: { NoncurrentDays: oldVersionDays },
          ExpiredObjectDeleteMarker: true,
        },
      ],
    },
    CorsConfiguration: {
      CorsRules: [
        {
          AllowedOrigins: Fn.Ref('CorsOrigins'),
          AllowedMethods: [...imageBucketCors.AllowedMethods],
          AllowedHeaders: [...imageBucketCors.AllowedHeaders],
          ExposedHeaders: [...imageBucketCors.ExposedHeaders],
          MaxAge: imageBucketCors.MaxAge,
        },
      ],
    },
    NotificationConfiguration: {
      LambdaConfigurations: labelerEvents.map((Event) => ({ Event, Function: Fn.GetAtt('Labeler', 'Arn') })),
    },
    // S3 tries the notification when the bucket is made: by then it must be allowed to call the function.
  }).dependsOn('LabelerPermission');
}

/**
 * What photos are shown as: read by browsers through pre-signed URLs. No object is written over with another content, so that no
 * versions are kept; they can be made anew.
 */
export function renditionsBucket(): S3.Bucket {
  const { AllowedMethods, ExposedHeaders, MaxAge } = renditionsBucketCors;
  return new S3.Bucket({
    ...closed,
    BucketName: renditionsBucketName,
    CorsConfiguration: {
      CorsRules: [
        {
          AllowedOrigins: Fn.Ref('CorsOrigins'),
          AllowedMethods: [...AllowedMethods],
          ExposedHeaders: [...ExposedHeaders],
          MaxAge,
        },
      ],
    },
  });
}

/** @param bucket logical id of the bucket that is to refuse requests without TLS */
export function tlsOnly(bucket: string): S3.BucketPolicy {
  const bucketArn = Fn.GetAtt(bucket, 'Arn');
  return new S3.BucketPolicy({
    Bucket: Fn.Ref(bucket),
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'TlsOnly',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: [bucketArn, Fn.Join('', [bucketArn, '/*'])],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    },
  });
}
