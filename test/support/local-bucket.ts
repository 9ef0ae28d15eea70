import { mkdtemp, rm } from 'node:fs/promises';
import assert from 'node:assert/strict';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import {
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { startS3 } from '../../local/s3/s3.ts';
import { localDefaults } from '../../local/settings.ts';

export const Bucket = localDefaults.bucket;

const ignore = (): void => {};
const SILENT = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** A folder that is gone after the test. */
export async function temporaryFolder(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'postagram-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A local S3 of its own, with the SDK's client to it. `log` collects what it reports. */
export async function startBucket(t: TestContext, options: Partial<Parameters<typeof startS3>[0]> = {}) {
  const log: string[] = [];
  const dataDir = options.dataDir ?? join(await temporaryFolder(t), 'data');
  const s3 = await startS3({
    ...localDefaults,
    dataDir,
    log: (message) => log.push(message),
    retryMs: [5, 5],
    ...options,
  });
  const client = (config: S3ClientConfig = {}) => {
    const made = new S3Client({
      endpoint: s3.url,
      region: localDefaults.region,
      credentials: options.credentials ?? localDefaults.credentials,
      maxAttempts: 1,
      // It would warn of the streamed bodies that these tests are about.
      logger: SILENT,
      ...config,
    });
    t.after(() => made.destroy());
    return made;
  };
  t.after(s3.close);
  return { ...s3, dataDir, log, client: client(), makeClient: client };
}

/** What no `fetch` sends: the path as it is given, any header, a body cut short. */
export function rawRequest(
  url: string,
  method: string,
  headers: Record<string, string | number> = {},
): ClientRequest {
  const { origin, hostname, port } = new URL(url);
  return request({ hostname, port, path: url.slice(origin.length), method, headers, agent: false });
}

/** Status and body of the answer. */
export async function answerTo(sent: ClientRequest) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve).on('error', reject);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(Buffer.from(chunk));
  return { status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() };
}

/** Stores a small object. */
export const put = (client: S3Client, Key: string, Body = 'bytes') =>
  client.send(new PutObjectCommand({ Bucket, Key, Body }));

/** For assert.rejects: the SDK's error of this name and HTTP status. */
export const named = (name: string, status: number) => (error: unknown) => {
  assert.ok(error instanceof S3ServiceException);
  assert.deepEqual([error.name, error.$metadata.httpStatusCode], [name, status]);
  return true;
};

/** Keys of the bucket, of one page. */
export async function listed(client: S3Client, Prefix?: string) {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
  return Contents.map(({ Key }) => Key);
}
