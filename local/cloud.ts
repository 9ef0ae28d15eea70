import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDynamoDB } from './dynamodb/dynamodb.ts';
import type { EventLog } from './events/events.ts';
import { startLabels } from './labels/labels.ts';
import type { LocalTable } from './dynamodb/tables.ts';
import { type LocalBucket, startS3 } from './s3/s3.ts';
import { renditionsBucketCors } from '../templates/image-bucket.ts';
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
    /** Of services, beside Postagram's own. */
    tables?: readonly LocalTable[];
    buckets?: readonly Omit<LocalBucket, 'dataDir'>[];
    /** Ids of instances; without any there is no EC2. */
    instances?: readonly string[];
    /** How long an instance is pending, and stopping, ms. */
    transitionMs?: number;
  } = {},
) {
  const { region, bucket, renditionsBucket, table } = localDefaults;
  const { credentials = localDefaults.credentials, log = logToStderr, ports = {} } = options;
  const common = { region, credentials, log };
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0)) await closer();
  };

  try {
    const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'postagram-')));
    if (options.dataDir === undefined) closers.unshift(() => rm(dataDir, { recursive: true, force: true }));
    await makeFolder(dataDir);
    // First, because its lock guards the whole folder against a second process.
    const databaseDir = options.dataDir && join(dataDir, 'dynamodb');
    const database = await startDynamoDB({
      ...common,
      table,
      tables: options.tables,
      streams: { dataDir: join(dataDir, 'streams'), log, retryMs: options.retryMs },
      dataDir: databaseDir,
      port: ports.dynamodb,
    });
    closers.unshift(database.close);

    const { retryMs, corsOrigins } = options;
    const imagesDir = join(dataDir, 's3');
    const images = await startS3({
      ...common,
      bucket,
      buckets: [
        {
          name: renditionsBucket,
          dataDir: join(dataDir, 'renditions'),
          cors: renditionsBucketCors,
          derived: true,
        },
        ...(options.buckets ?? []).map((one) => ({ ...one, dataDir: join(dataDir, 'buckets', one.name) })),
      ],
      dataDir: imagesDir,
      corsOrigins,
      retryMs,
      port: ports.s3,
    }).catch(asFriendly(imagesDir));

    const env: Record<string, string> = {
      AWS_ENDPOINT_URL_DYNAMODB: database.url,
      AWS_ENDPOINT_URL_S3: images.url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      ...(credentials.sessionToken !== undefined && { AWS_SESSION_TOKEN: credentials.sessionToken }),
      BUCKET: bucket,
      RENDITIONS_BUCKET: renditionsBucket,
      DYNAMO_TABLE: table,
    };
    if (options.labels !== false) {
      const labels = await startLabels({ ...common, s3Endpoint: images.url, port: ports.rekognition });
      closers.unshift(labels.close);
      env.AWS_ENDPOINT_URL_REKOGNITION = labels.url;
    }
    const { instances = [], transitionMs } = options;
    if (instances.length > 0) {
      const { startEc2 } = await import('./ec2/ec2.ts');
      const ec2Dir = join(dataDir, 'ec2');
      const ec2 = await startEc2({ ...common, instances, dataDir: ec2Dir, transitionMs }).catch(
        asFriendly(ec2Dir),
      );
      closers.unshift(ec2.close);
      env.AWS_ENDPOINT_URL_EC2 = ec2.url;
    }
    // Closed first of all: the handlers at work still need the others.
    closers.unshift(images.close);
    const { streams } = database;
    closers.unshift(streams.close);
    return {
      env,
      dataDir,
      onObjectCreated: images.onObjectCreated,
      /** Sets what a consumer of a table's stream calls. */
      onStream: streams.setHandler,
      /** Events and records of streams that nobody has dealt with yet. */
      pendingEvents: () => images.pendingEvents() + streams.pending(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function makeFolder(path: string) {
  await mkdir(path, { recursive: true }).catch(asFriendly(path));
}

/** What the file system refuses is said in its own words, without a stack. */
function asFriendly(path: string) {
  return (cause: unknown): never => {
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    throw new FriendlyError(`Cannot use the data folder ${path}: ${cause.message}`, { cause });
  };
}

function logToStderr(message: string, error?: unknown) {
  process.stderr.write(`${message}${error === undefined ? '' : `: ${String(error)}`}\n`);
}
