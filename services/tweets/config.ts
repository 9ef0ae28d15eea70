import * as v from 'valibot';
import { identityVariables } from '../../src/identity/configured.ts';
import { corsOrigins, logLevel, parseEnvironment, required } from '../../src/runtime/config.ts';

const shared = {
  AWS_REGION: required,
  TWEETS_BUCKET: required,
  CORS_ORIGINS: v.optional(corsOrigins, '*'),
  LOG_LEVEL: v.optional(logLevel, 'info'),
  ...identityVariables,
};

/** @throws Error naming the variable that is missing or wrong */
export const tweetActionConfig = () =>
  parseEnvironment(v.object({ ...shared, TWEETS_TABLE: required }, 'is missing'));

/** @throws Error naming the variable that is missing or wrong */
export const presignedUrlConfig = () => parseEnvironment(v.object(shared, 'is missing'));
