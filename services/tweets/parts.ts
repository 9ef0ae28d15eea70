import { createS3 } from '../../src/aws/clients.ts';
import { isUnavailable } from '../../src/aws/unavailable.ts';
import type { LambdaOptions } from '../../src/http/lambda.ts';
import { configuredIdentity } from '../../src/identity/configured.ts';
import { createLog, logRequests } from '../../src/runtime/request-log.ts';
import type { presignedUrlConfig } from './config.ts';
import { createImageStore } from './images.ts';

/** What both functions are made of, by their configuration. */
export function createParts(config: ReturnType<typeof presignedUrlConfig>) {
  const options: LambdaOptions = {
    cors: config.CORS_ORIGINS,
    isUnavailable,
    log: logRequests(createLog(config.LOG_LEVEL)),
    trailingSlash: true,
  };
  return {
    images: createImageStore(createS3(config.AWS_REGION), config.TWEETS_BUCKET),
    identity: configuredIdentity(config),
    options,
  };
}
