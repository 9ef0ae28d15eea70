/**
 * What browsers may do with the image bucket, less the origins: used by CloudFormation and by the local S3. Plain
 * data.
 */
export const imageBucketCors = {
  AllowedMethods: ['GET', 'HEAD', 'PUT'],
  AllowedHeaders: ['content-type'],
  ExposedHeaders: ['ETag'],
  MaxAge: 3600,
} as const;

/** The events that start the labeler. */
export const labelerEvents = ['s3:ObjectCreated:*'] as const;
