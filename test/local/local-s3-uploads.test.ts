import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { answerTo, Bucket, listed, named, put, rawRequest, startBucket } from '../support/local-bucket.ts';

test('a streamed body, which the SDK sends aws-chunked, is stored as it was', async (t) => {
  const { client } = await startBucket(t);
  const payloads: unknown[] = [];
  client.middlewareStack.add(
    (next) => (args) => {
      // The SDK types requests as unknown; every HTTP one has headers.
      payloads.push((args.request as { headers: Record<string, string> }).headers['x-amz-content-sha256']);
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  const pieces = [Buffer.alloc(70_000, 'a'), Buffer.from('\r\n0\r\n\r\n'), Buffer.alloc(130_000, 'b')];
  const whole = Buffer.concat(pieces);
  for (const ChecksumAlgorithm of ['CRC32', 'SHA1', 'SHA256'] as const) {
    const Body = Readable.from(pieces);
    await client.send(
      new PutObjectCommand({ Bucket, Key: 'k', Body, ContentLength: whole.length, ChecksumAlgorithm }),
    );
    const got = await client.send(new GetObjectCommand({ Bucket, Key: 'k' }));
    assert.ok(whole.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0)));
    assert.equal(got.ContentEncoding, undefined);
  }
  assert.equal(payloads[0], 'STREAMING-UNSIGNED-PAYLOAD-TRAILER');
});

test('a body changed on its way, or with a checksum that cannot be checked, is refused and not stored', async (t) => {
  const { client, makeClient } = await startBucket(t);
  const tampering = makeClient();
  tampering.middlewareStack.add(
    (next) => (args) => {
      // As above.
      const request = args.request as { body: unknown };
      if (request.body instanceof Readable) {
        const original = request.body;
        request.body = Readable.from(
          (async function* () {
            for await (const chunk of original) yield Buffer.from(String(chunk).replace('honest', 'forged'));
          })(),
        );
      } else request.body = 'forged';
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  await assert.rejects(put(tampering, 'k', 'honest'), named('XAmzContentSHA256Mismatch', 400));
  const Body = Readable.from([Buffer.from('honest')]);
  const streamed = new PutObjectCommand({ Bucket, Key: 'k', Body, ContentLength: 6 });
  await assert.rejects(tampering.send(streamed), named('BadDigest', 400));
  const crc32c = new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ChecksumAlgorithm: 'CRC32C' });
  await assert.rejects(client.send(crc32c), named('NotImplemented', 501));
  assert.deepEqual(await listed(client), []);
});

test('an upload cut short leaves nothing, and the object of before as it was', async (t) => {
  const { client, makeClient, server, dataDir } = await startBucket(t);
  await put(client, 'k', 'before');
  const signer = makeClient({ requestChecksumCalculation: 'WHEN_REQUIRED' });
  const requested = once(server, 'request');
  const sent = rawRequest(await getSignedUrl(signer, new PutObjectCommand({ Bucket, Key: 'k' })), 'PUT', {
    'Content-Length': 1000,
  });
  sent.on('error', () => undefined);
  sent.write('half');
  const [received] = await requested;
  sent.destroy();
  await new Promise((resolve) => received.on('close', resolve));
  const got = await client.send(new GetObjectCommand({ Bucket, Key: 'k' }));
  assert.equal(await got.Body?.transformToString(), 'before');
  while ((await readdir(join(dataDir, 'incoming'))).length > 0) await new Promise(setImmediate);
});

test('an object file torn by a power cut is not listed after a restart', async (t) => {
  const first = await startBucket(t);
  await put(first.client, 'whole');
  await put(first.client, 'torn');
  await first.close();
  const folder = join(first.dataDir, 'objects');
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), 'latin1');
    if (text.includes('"torn"')) await truncate(join(folder, name), 7);
  }
  const { client } = await startBucket(t, { dataDir: first.dataDir });
  assert.deepEqual(await listed(client), ['whole']);
});

test('a length is needed, and bounded', async (t) => {
  const { makeClient, client } = await startBucket(t);
  const signer = makeClient({ requestChecksumCalculation: 'WHEN_REQUIRED' });
  const url = await getSignedUrl(signer, new PutObjectCommand({ Bucket, Key: 'k' }));
  const chunked = await answerTo(rawRequest(url, 'PUT', { 'Transfer-Encoding': 'chunked' }).end('x'));
  assert.equal(chunked.status, 411);
  const announced = rawRequest(url, 'PUT', { 'Content-Length': 1e12 });
  announced.flushHeaders();
  const huge = await answerTo(announced);
  announced.on('error', () => undefined).destroy();
  assert.equal(huge.status, 400);
  assert.match(huge.text, /<Code>EntityTooLarge<\/Code>/);
  await assert.rejects(put(client, 'x'.repeat(1025)), named('KeyTooLongError', 400));
});

function trailer(bytes: string): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return `x-amz-checksum-crc32:${sum.toString('base64')}\r\n\r\n`;
}

test('an aws-chunked body that is not what it announces is refused and not stored', async (t) => {
  const { client, makeClient } = await startBucket(t);
  // Announced are six bytes.
  const rows: [name: string, body: string][] = [
    ['fewer bytes', `3\r\nabc\r\n0\r\n${trailer('abc')}`],
    ['more bytes', `9\r\nabcdefghi\r\n0\r\n${trailer('abcdefghi')}`],
    ['no end', '6\r\nabcdef\r\n'],
    ['no chunks', 'abcdef'],
    ['a chunk longer than it says', `5\r\nabcdef\r\n0\r\n${trailer('abcdef')}`],
    ['more after the end', `6\r\nabcdef\r\n0\r\n${trailer('abcdef')}6\r\nabcdef\r\n`],
    ['no checksum where one is promised', '6\r\nabcdef\r\n0\r\n\r\n'],
  ];
  const sending = (body: string) => {
    const sender = makeClient();
    sender.middlewareStack.add(
      (next) => (args) => {
        // The SDK types requests as unknown; every HTTP one has a body and headers.
        const request = args.request as { body: unknown; headers: Record<string, string> };
        request.body = Readable.from([Buffer.from(body)]);
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    const Body = Readable.from([Buffer.from('abcdef')]);
    return sender.send(new PutObjectCommand({ Bucket, Key: 'k', Body, ContentLength: 6 }));
  };
  for (const [name, body] of rows)
    await assert.rejects(sending(body), { name: /IncompleteBody|BadDigest/ }, name);
  assert.deepEqual(await listed(client), []);
  await sending(`2;x=y\r\nab\r\n4\r\ncdef\r\n0\r\n${trailer('abcdef')}`);
  assert.deepEqual(await listed(client), ['k']);
});
