/** What browsers may do with renditions, less the origins: used by CloudFormation and by the local S3. Plain data. */
export const renditionsBucketCors = {
  AllowedMethods: ['GET', 'HEAD'],
  AllowedHeaders: [],
  ExposedHeaders: ['ETag'],
  MaxAge: 3600,
} as const;

/** What they may do with the image bucket: nobody but the labeler reads what was uploaded. */
export const imageBucketCors = {
  AllowedMethods: ['PUT'],
  AllowedHeaders: ['content-type'],
  ExposedHeaders: ['ETag'],
  MaxAge: 3600,
} as const;

/** The events that start the labeler. */
export const labelerEvents = ['s3:ObjectCreated:*'] as const;
