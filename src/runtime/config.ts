import { existsSync } from 'node:fs';
import * as v from 'valibot';
import type { CorsOrigins } from '../http/cors.ts';
import { identityVariables } from '../identity/configured.ts';

export const required = v.pipe(v.string('is missing'), v.nonEmpty('is empty'));
export const wholeNumber = (min: number, max: number) =>
  v.pipe(
    v.string(),
    v.check(
      (text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max,
      `must be a whole number from ${min} to ${max}`,
    ),
    v.toNumber(),
  );

export const logLevel = v.picklist(
  ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
  'must be a level of pino',
);
/** `*` or origins separated by commas. */
export const corsOrigins = v.pipe(v.string(), v.transform(parseOrigins));

/** `https://photos.example.org`: where the site is, without a path. */
export const publicUrl = v.pipe(
  v.string(),
  v.check(
    (text) => /^https?:\/\/[^\s/?#@\\]+\/?$/i.test(text) && URL.canParse(text),
    'must be an http or https origin such as https://photos.example.org, without path, query or credentials',
  ),
  v.transform((text) => new URL(text).origin),
);

const aws = { BUCKET: required, RENDITIONS_BUCKET: required, DYNAMO_TABLE: required, AWS_REGION: required };

const serverSchema = v.object(
  {
    ...aws,
    ...identityVariables,
    PORT: v.optional(wholeNumber(0, 65_535), '8080'),
    /** The interface to listen on; all of them without it. */
    HOST: v.optional(v.string()),
    LOG_LEVEL: v.optional(logLevel, 'info'),
    CORS_ORIGINS: v.optional(corsOrigins, '*'),
    /** Seconds that /health says 503 before the listener closes, so that a load balancer looks elsewhere in time. */
    DRAIN_SECONDS: v.optional(wholeNumber(0, 3_600), '5'),
    /**
     * Calls of `POST /posts`, and upload URLs asked for, that one caller has a minute; 0 is no limit. While names are not
     * verified it is one network address, behind which a whole school may sit.
     */
    POSTS_PER_MINUTE: v.optional(wholeNumber(0, 1_000_000), '600'),
    UPLOADS_PER_MINUTE: v.optional(wholeNumber(0, 1_000_000), '300'),
    /** Load balancers and proxies before this server: so many entries at the end of X-Forwarded-For are believed. */
    TRUSTED_PROXIES: v.optional(wholeNumber(0, 10), '0'),
    /** Where the public finds this site: in links that leave it. Without it they say no address. */
    PUBLIC_URL: v.optional(publicUrl),
    /** Folder of the built web app; `webapp/dist` beside server.ts without it. */
    WEB_ROOT: v.optional(v.string()),
  },
  'is missing',
);

/**
 * The server's configuration: the environment, then `.env.local`, then `.env` in the working folder.
 * @throws Error naming the variable that is missing or wrong
 */
export function serverConfig() {
  // loadEnvFile leaves what is set already.
  for (const file of ['.env.local', '.env']) if (existsSync(file)) process.loadEnvFile(file);
  return parseEnvironment(serverSchema);
}

/**
 * The labeler's configuration.
 * @throws Error naming the variable that is missing
 */
export function labelerConfig() {
  return parseEnvironment(v.object(aws, 'is missing'));
}

/**
 * The configuration of the process that ships the server's log.
 * @throws Error naming the variable that is missing
 */
export function shipperConfig() {
  return parseEnvironment(
    v.object(
      {
        AWS_REGION: required,
        LOG_GROUP: required,
        LOG_STREAM: required,
        /** The unit of systemd whose journal is shipped. */
        LOG_UNIT: required,
        /** A folder that outlives this process; systemd makes and names it. */
        STATE_DIRECTORY: required,
      },
      'is missing',
    ),
  );
}

/**
 * What a schema of variables makes of the environment.
 * @throws Error naming each variable that is missing or wrong
 */
export function parseEnvironment<Schema extends v.GenericSchema>(schema: Schema): v.InferOutput<Schema> {
  const result = v.safeParse(schema, process.env);
  if (result.success) return result.output;
  const problems = result.issues.map((issue) => `${v.getDotPath(issue)} ${issue.message}`);
  throw new Error(`Configuration: ${problems.join('; ')}. Set it in the environment or in .env.`);
}

function parseOrigins(list: string): CorsOrigins {
  const origins = list.split(',').map((origin) => origin.trim());
  return origins.includes('*') ? '*' : origins.filter((origin) => origin !== '');
}
