import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { UndiciHttpHandler } from '@smithy/undici-http-handler';
import { PlainJsonProtocol } from './dynamo-protocol.ts';
import { createDynamoSigner } from './dynamo-signer.ts';

/**
 * AWS's handler on undici: 10 % less CPU a request than the one on node:http. Bounds on every wait, in ms; waiting for a
 * free connection is not one of them.
 */
const requestHandler = () =>
  new UndiciHttpHandler({
    dispatcher: {
      connect: { timeout: 2_000 },
      // Many connections: a listing takes four, and each request that waits for one adds to its time.
      connections: 256,
      headersTimeout: 10_000,
      bodyTimeout: 10_000,
    },
  });

/**
 * DynamoDB without what a call does not need: half of the SDK's CPU time for a Query of 20 posts.
 * Endpoints come from `AWS_ENDPOINT_URL_…`, credentials from where the SDK finds them.
 */
export function createDynamo(region: string): DynamoDBClient {
  return trimmedDynamo(region, true);
}

/**
 * @see createDynamo
 * @param cacheMiddleware whether the chain of middlewares is made once for each kind of command, not for each call
 */
export function trimmedDynamo(region: string, cacheMiddleware: boolean): DynamoDBClient {
  const client: DynamoDBClient = new DynamoDBClient({
    region,
    requestHandler: requestHandler(),
    cacheMiddleware,
    protocol: PlainJsonProtocol,
    signer: createDynamoSigner(region, () => client.config.credentials()),
  });
  // The first copies every attribute of question and answer for a log that nobody reads; the second composes the same
  // header for every call: 6 % of a request.
  for (const name of ['loggerMiddleware', 'getUserAgentMiddleware']) client.middlewareStack.remove(name);
  return client;
}

/** @see createDynamo */
export const s3Options = (region: string): S3ClientConfig => ({
  region,
  // Otherwise the SDK signs the checksum of an EMPTY body into presigned PUTs.
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
  requestHandler: requestHandler(),
});
