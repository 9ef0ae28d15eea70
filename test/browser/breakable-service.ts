import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDynamoDB } from '../../local/dynamodb/dynamodb.ts';
import { startLabels } from '../../local/labels/labels.ts';
import { startS3 } from '../../local/s3/s3.ts';
import { localDefaults } from '../../local/settings.ts';
import { ensureWebapp } from '../../webapp/build.ts';
import { portIn, siteUrl, stop } from './service.ts';

export type BreakableService = Awaited<ReturnType<typeof startBreakableService>>;

/** The parts of `npm start` one by one, so that database and bucket can be stopped, and started again where they were. */
export async function startBreakableService() {
  await ensureWebapp();
  const { region, bucket, table, credentials } = localDefaults;
  const common = { region, credentials, log };
  const dataDir = await mkdtemp(join(tmpdir(), 'postagram-browser-'));

  const databaseDir = join(dataDir, 'dynamodb');
  let database = await startDynamoDB({ ...common, table, dataDir: databaseDir });
  const stopped = { database: false, bucket: false };
  let images = await startS3({ ...common, bucket, dataDir });
  const labels = await startLabels({ ...common, s3Endpoint: images.url });
  const env = {
    AWS_ENDPOINT_URL_DYNAMODB: database.url,
    AWS_ENDPOINT_URL_S3: images.url,
    AWS_ENDPOINT_URL_REKOGNITION: labels.url,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    BUCKET: bucket,
    DYNAMO_TABLE: table,
  };
  // The labeler reads its environment when it is imported.
  Object.assign(process.env, env);
  const { handler } = await import('../../labeler.ts');
  images.onObjectCreated(handler);

  const server = spawn(process.execPath, ['--import', 'tsx', 'server.ts'], {
    cwd: join(import.meta.dirname, '../..'),
    env: { ...process.env, ...env, PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'info', DRAIN_SECONDS: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const site = siteUrl(await portIn(server, /"port":(\d+)/));

  return {
    site,
    /** Connections to it are refused from now on. */
    async stopDatabase() {
      await database.close();
      stopped.database = true;
    },
    /** Does nothing while it runs. */
    async startDatabase() {
      if (!stopped.database) return;
      stopped.database = false;
      const port = Number(new URL(env.AWS_ENDPOINT_URL_DYNAMODB).port);
      database = await startDynamoDB({ ...common, table, dataDir: databaseDir, port });
    },
    async stopBucket() {
      await images.close();
      stopped.bucket = true;
    },
    /** Does nothing while it runs. */
    async startBucket() {
      if (!stopped.bucket) return;
      stopped.bucket = false;
      const port = Number(new URL(env.AWS_ENDPOINT_URL_S3).port);
      images = await startS3({ ...common, bucket, dataDir, port });
      images.onObjectCreated(handler);
    },
    async close() {
      await stop(server);
      if (!stopped.bucket) await images.close();
      await labels.close();
      if (!stopped.database) await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function log(text: string, cause?: unknown) {
  console.error(text, cause ?? '');
}
