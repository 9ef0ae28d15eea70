import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { UndiciHttpHandler } from '@smithy/undici-http-handler';
import { callDirectly } from './direct-calls.ts';
import { PlainJsonProtocol } from './dynamo-protocol.ts';
import { createDynamoSigner } from './dynamo-signer.ts';
import { limitCalls } from './limit.ts';
import { MAX_ATTEMPTS, TimelyRetry } from './retry.ts';

/**
 * Calls of a client at a time, and how long others wait in line, in ms. docs/decisions/limits.md has how they were chosen.
 * The answers of S3 may be long: each lists up to 1,000 versions.
 */
const CALLS = { dynamo: { most: 256, waitMs: 3_000 }, s3: { most: 64, waitMs: 3_000 } };

/**
 * AWS's handler on undici: 10 % less CPU a request than the one on node:http.
 * @param calls at a time, each with a socket of its own
 * @param answerMs bound on the wait for an answer, and between any two pieces of it, ms
 */
const requestHandler = (calls: number, answerMs: number) =>
  new UndiciHttpHandler({
    dispatcher: {
      connect: { timeout: 2_000 },
      connections: calls,
      headersTimeout: answerMs,
      bodyTimeout: answerMs,
    },
  });

/**
 * DynamoDB without what a call does not need: half of the SDK's CPU time for a Query of 20 posts.
 * Endpoints come from `AWS_ENDPOINT_URL_…`, credentials from where the SDK finds them.
 */
export function createDynamo(region: string): DynamoDBClient {
  const retries = new TimelyRetry(25);
  const client = trimmedDynamo(region, true, retries);
  callDirectly(client, retries);
  return client;
}

/**
 * @see createDynamo
 * @param cacheMiddleware whether the chain of middlewares is made once for each kind of command, not for each call
 * @param retryStrategy which and how many attempts
 */
export function trimmedDynamo(
  region: string,
  cacheMiddleware: boolean,
  retryStrategy = new TimelyRetry(25),
): DynamoDBClient {
  const client: DynamoDBClient = new DynamoDBClient({
    region,
    // An answer that takes 5 s is slow, and still one.
    requestHandler: requestHandler(CALLS.dynamo.most, 6_000),
    maxAttempts: MAX_ATTEMPTS,
    retryStrategy,
    cacheMiddleware,
    protocol: PlainJsonProtocol,
    signer: createDynamoSigner(region, () => client.config.credentials()),
  });
  // The first copies every attribute of question and answer for a log that nobody reads; the second composes the same
  // header for every call: 6 % of a request.
  for (const name of ['loggerMiddleware', 'getUserAgentMiddleware']) client.middlewareStack.remove(name);
  limitCalls(client, CALLS.dynamo);
  return client;
}

/** @see createDynamo */
export function createS3(region: string): S3Client {
  const client = new S3Client(s3Options(region));
  limitCalls(client, CALLS.s3);
  return client;
}

/** For lists and deletions: none of our calls moves a photo. */
export const s3Options = (region: string): S3ClientConfig => ({
  region,
  // Otherwise the SDK signs the checksum of an EMPTY body into presigned PUTs.
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
  requestHandler: requestHandler(CALLS.s3.most, 3_000),
  maxAttempts: MAX_ATTEMPTS,
  retryStrategy: new TimelyRetry(50),
});
