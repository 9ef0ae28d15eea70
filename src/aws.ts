import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { S3ClientConfig } from '@aws-sdk/client-s3';

/** Bounds on every wait, in ms. A call is tried three times at the most, as the SDK does by default. */
const requestHandler = { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true };

/** Many connections: a listing takes four, and each request that waits for one adds to its time. */
const pool = { maxSockets: 256, keepAlive: true };

/** Endpoints come from `AWS_ENDPOINT_URL_…`, credentials from where the SDK finds them. */
export const dynamoOptions = (region: string): DynamoDBClientConfig => ({
  region,
  requestHandler: { ...requestHandler, httpAgent: pool, httpsAgent: pool },
});

/** @see dynamoOptions */
export const s3Options = (region: string): S3ClientConfig => ({
  region,
  // Otherwise the SDK signs the checksum of an EMPTY body into presigned PUTs.
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
  requestHandler: { ...requestHandler, httpAgent: pool, httpsAgent: pool },
});
