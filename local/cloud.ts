import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDynamoDB } from './dynamodb.ts';
import type { EventLog } from './events.ts';
import { startS3 } from './s3.ts';
import { type Credentials, FriendlyError, localDefaults } from './settings.ts';

export type LocalCloud = Awaited<ReturnType<typeof startCloud>>;

/**
 * The cloud on a laptop: DynamoDB, S3 and, unless switched off, labels, each on its own port of 127.0.0.1.
 * @param options.dataDir where data is kept; without it, everything is gone after close()
 * @param options.labels false leaves the label service, and its neural network, out
 * @param options.log receives what goes wrong behind the scenes, such as an event that could not be delivered
 * @returns `env`: what points an AWS SDK, and Postagram, at this cloud
 * @throws FriendlyError when the data folder is in use, damaged or cannot be written
 */
export async function startCloud(
  options: {
    dataDir?: string;
    log?: EventLog;
    ports?: { dynamodb?: number; s3?: number; rekognition?: number };
    corsOrigins?: string[];
    credentials?: Credentials;
    labels?: boolean;
    retryMs?: number[];
  } = {},
) {
  const { region, bucket, table } = localDefaults;
  const {
    credentials = localDefaults.credentials,
    log = logToStderr,
    ports = {},
    retryMs,
    corsOrigins,
  } = options;
  const started: { close(): Promise<unknown> }[] = [];
  const close = async () => {
    for (const part of started.splice(0).toReversed()) await part.close();
  };
  const begin = async <T extends { close(): Promise<unknown> }>(part: Promise<T>): Promise<T> => {
    const ready = await part;
    started.push(ready);
    return ready;
  };

  try {
    const dataDir = options.dataDir ?? (await temporaryFolder(started));
    await makeFolder(dataDir);
    // First, because its lock guards the whole folder against a second process.
    const database = await begin(
      startDynamoDB({
        ...{ table, region, credentials, port: ports.dynamodb },
        dataDir: options.dataDir && join(dataDir, 'dynamodb'),
      }),
    );
    const images = await begin(
      startS3({
        ...{ bucket, region, credentials, log, corsOrigins, retryMs, port: ports.s3 },
        dataDir: join(dataDir, 's3'),
      }),
    );
    const env: Record<string, string> = {
      AWS_ENDPOINT_URL_DYNAMODB: database.url,
      AWS_ENDPOINT_URL_S3: images.url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      ...(credentials.sessionToken !== undefined && { AWS_SESSION_TOKEN: credentials.sessionToken }),
      BUCKET: bucket,
      DYNAMO_TABLE: table,
    };
    return { env, onObjectCreated: images.onObjectCreated, pendingEvents: images.pendingEvents, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function temporaryFolder(started: { close(): Promise<unknown> }[]) {
  const folder = await mkdtemp(join(tmpdir(), 'postagram-'));
  started.push({ close: () => rm(folder, { recursive: true, force: true }) });
  return folder;
}

async function makeFolder(path: string) {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new FriendlyError(`Cannot use the data folder ${path}: ${detail}`, { cause });
  }
}

function logToStderr(message: string, error?: unknown) {
  process.stderr.write(`${message}${error === undefined ? '' : `: ${String(error)}`}\n`);
}
