import * as v from 'valibot';
import { corsOrigins, logLevel, parseEnvironment, required } from '../../src/runtime/config.ts';

const shared = {
  AWS_REGION: required,
  BLOBS_TABLE: required,
  LOG_LEVEL: v.optional(logLevel, 'info'),
};
const bucket = { BLOBS_BUCKET: required };
/** Whether callbacks may also go to this very machine by plain http: on a laptop. */
const rules = {
  BLOBS_CALLBACK_LOOPBACK: v.optional(
    v.pipe(
      v.picklist(['true', 'false'], 'must be true or false'),
      v.transform((text) => text === 'true'),
    ),
    'false',
  ),
};

/** @throws Error naming the variable that is missing or wrong */
export const apiConfig = () =>
  parseEnvironment(
    v.object({ ...shared, ...bucket, ...rules, CORS_ORIGINS: v.optional(corsOrigins, '*') }, 'is missing'),
  );

/** @throws Error naming the variable that is missing or wrong */
export const labelerConfig = () => parseEnvironment(v.object({ ...shared, ...bucket }, 'is missing'));

/** @throws Error naming the variable that is missing or wrong */
export const callbackConfig = () =>
  parseEnvironment(
    v.object(
      {
        ...shared,
        ...rules,
        /** Base64, with or without `whsec_` before it. */
        BLOBS_CALLBACK_SECRET: required,
        /** Signs too, while receivers change from this one to the other. */
        BLOBS_CALLBACK_SECRET_OLD: v.optional(v.string(), ''),
      },
      'is missing',
    ),
  );
