import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';

/** What an S3 of one bucket was asked: `PUT publicAccessBlock`, or `PUT` alone for the bucket itself. */
export interface Asked {
  what: string;
  owner: string | undefined;
  body: string;
}

/**
 * An S3 over HTTP in which one bucket is made and set up. Keeps what it was asked.
 * @param answers status and error code by what is asked; 200 for everything else
 */
export async function bucketOf(
  t: TestContext,
  answers: Record<string, [status: number, code: string]>,
  region = 'eu-west-1',
) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const [subresource = ''] = new URL(request.url ?? '', 'http://s3').searchParams.keys();
    const what = `${request.method} ${subresource === 'x-id' ? '' : subresource}`.trim();
    const owner = request.headers['x-amz-expected-bucket-owner'];
    asked.push({ what, owner: owner?.toString(), body });
    const [status, code] = answers[what] ?? [200, ''];
    response.statusCode = status;
    const error = `<Error><Code>${code}</Code><Message>${code}</Message></Error>`;
    response.end(code && request.method !== 'HEAD' ? error : '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo; only pipes have a string.
  const { port } = server.address() as AddressInfo;
  const s3 = new S3Client({
    region,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    endpoint: `http://127.0.0.1:${port}`,
    forcePathStyle: true,
    maxAttempts: 1,
  });
  t.after(() => {
    s3.destroy();
    server.close();
    server.closeAllConnections();
  });
  return { s3, asked };
}
