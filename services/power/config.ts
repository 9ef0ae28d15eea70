import * as v from 'valibot';
import { corsOrigins, logLevel, parseEnvironment, required } from '../../src/runtime/config.ts';

const list = v.pipe(
  v.string(),
  v.transform((text) => [...new Set(text.split(','))]),
  v.array(v.pipe(v.string(), v.regex(/^i-[0-9a-f]{8,17}$/, 'must be ids such as i-0123456789abcdef0'))),
);

/** @throws Error naming the variable that is missing or wrong */
export const powerConfig = () =>
  parseEnvironment(
    v.pipe(
      v.object(
        {
          AWS_REGION: required,
          /** Ids separated by commas; the name is the workshop's. */
          INSTANCE_ID: v.optional(list),
          /** Value of the tag `Power` of the instances. */
          POWER_TAG: v.optional(required),
          /** Name of an Auto Scaling group. */
          POWER_FLEET: v.optional(required),
          CORS_ORIGINS: v.optional(corsOrigins, '*'),
          LOG_LEVEL: v.optional(logLevel, 'info'),
        },
        'is missing',
      ),
      v.forward(
        v.check(
          ({ INSTANCE_ID, POWER_TAG, POWER_FLEET }) =>
            (INSTANCE_ID ?? POWER_TAG ?? POWER_FLEET) !== undefined,
          'is missing, and so are POWER_TAG and POWER_FLEET: there is nothing to switch',
        ),
        ['INSTANCE_ID'],
      ),
    ),
  );
