/** The DynamoDB client with its own signer and protocol, against the SDK's own and over a real socket. */
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SignatureV4 } from '@smithy/signature-v4';
import { createDynamo } from '../../src/aws/clients.ts';
import { createDynamoSigner } from '../../src/aws/dynamo-signer.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG' };
const request = () => ({
  method: 'POST',
  protocol: 'https:',
  hostname: 'dynamodb.eu-west-1.amazonaws.com',
  path: '/',
  query: {},
  headers: {
    host: 'dynamodb.eu-west-1.amazonaws.com',
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'DynamoDB_20120810.GetItem',
    'content-length': '24',
    'amz-sdk-request': 'attempt=1; max=3',
    'user-agent': 'aws-sdk-js',
  },
  body: '{"title":"Été à Étretat"}',
});

for (const sessionToken of [undefined, 'a/session+token==']) {
  test(`signs as the SDK does, ${sessionToken ? 'with' : 'without'} a session token`, async () => {
    const identity = { ...credentials, ...(sessionToken && { sessionToken }) };
    const theirs = new SignatureV4({
      credentials: identity,
      region: 'eu-west-1',
      service: 'dynamodb',
      sha256: Sha256,
      // x-amz-content-sha256 is for S3: DynamoDB hashes the body itself.
      applyChecksum: false,
    });
    const ours = createDynamoSigner('eu-west-1', async () => identity);
    // Two days: the key is kept for one.
    for (const signingDate of [new Date('2026-11-22T23:59:59.999Z'), new Date('2026-11-23T00:00:00Z')]) {
      const expected = await theirs.sign(request(), {
        signingDate,
        unsignableHeaders: new Set(['content-length', 'amz-sdk-request']),
      });
      const { headers } = await ours.sign(request(), { signingDate });
      assert.deepEqual(headers, expected.headers);
    }
  });
}

test('signs with the credentials that are valid now', async () => {
  let current = credentials;
  const signer = createDynamoSigner('eu-west-1', async () => current);
  await signer.sign(request());
  current = { ...credentials, accessKeyId: 'AKIDREFRESHED' };
  const { headers } = await signer.sign(request());
  assert.match(headers.authorization ?? '', /Credential=AKIDREFRESHED\//);
});

test('reads answers and sends questions as the SDK does', async (t) => {
  const seen: { target: unknown; body: string }[] = [];
  const item = { id: { S: 'Été' }, labels: { L: [{ S: 'Cat' }] } };
  const dynamo = await clientOf(t, async (incoming) => {
    seen.push({ target: incoming.headers['x-amz-target'], body: (await buffer(incoming)).toString() });
    return { status: 200, body: JSON.stringify({ Item: item }) };
  });
  const { Item, $metadata } = await dynamo.send(
    new GetItemCommand({ TableName: 'posts', Key: { id: { S: 'É' } } }),
  );
  assert.deepEqual(Item, item);
  assert.deepEqual([$metadata.httpStatusCode, $metadata.requestId, $metadata.attempts], [200, 'REQUEST', 1]);
  assert.deepEqual(seen, [
    { target: 'DynamoDB_20120810.GetItem', body: '{"TableName":"posts","Key":{"id":{"S":"É"}}}' },
  ]);
});

test('an error has its own type', async (t) => {
  const type = 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException';
  const dynamo = await clientOf(t, async () => ({
    status: 400,
    body: JSON.stringify({ __type: type, message: 'no' }),
  }));
  const put = dynamo.send(new PutItemCommand({ TableName: 'posts', Item: {} }));
  await assert.rejects(
    put,
    (error) => error instanceof ConditionalCheckFailedException && error.message === 'no',
  );
});

test('a server error is tried again', async (t) => {
  let calls = 0;
  const dynamo = await clientOf(t, async () => ({ status: ++calls === 1 ? 500 : 200, body: '{}' }));
  const { $metadata } = await dynamo.send(new PutItemCommand({ TableName: 'posts', Item: {} }));
  assert.equal($metadata.attempts, 2);
});

test('a clock that is wrong is corrected by what the answers say', async (t) => {
  const hour = 3_600_000;
  const signedAt: number[] = [];
  const dynamo = await clientOf(t, async ({ headers }) => {
    const [, ...parts] = /^(....)(..)(..)T(..)(..)(..)Z$/.exec(String(headers['x-amz-date'])) ?? [];
    const [year = 0, month = 0, ...rest] = parts.map(Number);
    signedAt.push(Date.UTC(year, month - 1, ...rest));
    const date = new Date(Date.now() + hour).toUTCString();
    const body = JSON.stringify({ __type: '#InvalidSignatureException', message: 'Signature expired' });
    return signedAt.length === 1 ? { status: 400, body, date } : { status: 200, body: '{}', date };
  });
  const { $metadata } = await dynamo.send(new PutItemCommand({ TableName: 'posts', Item: {} }));
  assert.equal($metadata.attempts, 2);
  const [first = 0, second = 0] = signedAt;
  const corrected = second - first;
  assert.ok(corrected > hour - 60_000 && corrected < hour + 60_000, `${corrected} ms`);
});

type Answer = { status: number; body: string; date?: string };

/** A client of a server that gives these answers. */
async function clientOf(t: TestContext, answer: (incoming: IncomingMessage) => Promise<Answer>) {
  const server = createServer(async (incoming, outgoing) => {
    const { status, body, date } = await answer(incoming);
    outgoing.writeHead(status, { 'x-amzn-requestid': 'REQUEST', ...(date && { date }) }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo, never a pipe's name.
  const { port } = server.address() as AddressInfo;
  const environment = {
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  Object.assign(process.env, environment);
  const client = createDynamo('eu-west-1');
  t.after(() => {
    for (const name of Object.keys(environment)) delete process.env[name];
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
  return client;
}

/** What SignatureV4 wants of a hash. */
class Sha256 {
  #hash;
  constructor(secret?: unknown) {
    const isKey = typeof secret === 'string' || secret instanceof Uint8Array;
    this.#hash = isKey ? createHmac('sha256', secret) : createHash('sha256');
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {
    throw new Error('SignatureV4 makes a new one');
  }
}
