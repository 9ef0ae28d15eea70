import * as v from 'valibot';
import { corsOrigins, logLevel, parseEnvironment, required } from '../../src/runtime/config.ts';

/** @throws Error naming the variable that is missing or wrong */
export const templateConfig = () =>
  parseEnvironment(
    v.object(
      {
        AWS_REGION: required,
        TEMPLATE_TABLE: required,
        CORS_ORIGINS: v.optional(corsOrigins, '*'),
        LOG_LEVEL: v.optional(logLevel, 'info'),
      },
      'is missing',
    ),
  );
