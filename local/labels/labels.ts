import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { isJpegOrPng } from '../../src/renditions/decode-limits.ts';
import { startDetectorThread } from './detector-thread.ts';
import type { EventLog } from '../events/events.ts';
import type { Label } from './merge.ts';
import { invalidFormat, RekognitionError, signatureError, tooLarge, translate } from './rekognition-error.ts';
import { inline, type ObjectPlace, parseRequest, readBody } from './request.ts';
import { type Credentials, KEEP_ALIVE_MS } from '../settings.ts';
import { refuseSignature } from '../sigv4.ts';

/** Rekognition's limit of an object in a bucket, bytes. */
const MAX_OBJECT_BYTES = 15 * 1024 * 1024;
/** How long an object may take to answer, milliseconds: the photos behind it wait. */
const READ_MS = 20_000;
/** A request that has not ended after this long is dropped, milliseconds. */
const REQUEST_MS = 60_000;

/**
 * Starts a local Rekognition that knows DetectLabels, over two real neural networks (networks.ts).
 * @param options.s3Endpoint where S3Object images are read
 * @returns the endpoint's URL and `close`; the networks load in the background and early requests wait for it
 */
export async function startLabels(options: {
  s3Endpoint: string;
  region: string;
  credentials: Credentials;
  log: EventLog;
  port?: number | undefined;
}) {
  const { region, credentials, log } = options;
  const detector = startDetectorThread(log);
  const s3 = new S3Client({ endpoint: options.s3Endpoint, region, credentials, forcePathStyle: true });

  const held = { bytes: 0 };

  const answer = async (req: IncomingMessage) => {
    const mine = { bytes: 0 };
    try {
      return await detect(req, await readBody(req, mine, held));
    } finally {
      held.bytes -= mine.bytes;
    }
  };

  const detect = async (req: IncomingMessage, body: Buffer) => {
    const { method = '', url = '/', headers } = req;
    const hash = createHash('sha256').update(body).digest('hex');
    const refusal = refuseSignature(
      { method, url, headers },
      { credentials, region, service: 'rekognition' },
      hash,
    );
    if (refusal !== undefined) throw signatureError(refusal.code, refusal.message);
    if (headers['x-amz-target'] !== 'RekognitionService.DetectLabels')
      throw new RekognitionError('UnknownOperationException', 'The local service knows DetectLabels only.');
    const { Image, MaxLabels, MinConfidence } = parseRequest(body.toString());
    const load = async () => {
      const image = Image.S3Object === undefined ? inline(Image.Bytes) : await readObject(s3, Image.S3Object);
      if (!isJpegOrPng(image)) throw invalidFormat();
      return image;
    };
    return describe(await detector.detect(load), MaxLabels, MinConfidence);
  };

  const server = createServer({ requestTimeout: REQUEST_MS, keepAliveTimeout: KEEP_ALIVE_MS }, (req, res) => {
    answer(req).then(
      (result) => send(res, 200, result),
      (error: unknown) => {
        const known = translate(error);
        if (known.status >= 500) log('local labels failed', error);
        send(res, known.status, { __type: known.type, message: known.message, Message: known.message });
      },
    );
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo; only pipes have a string.
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    /** How many photos the network has before it. */
    waiting: detector.waiting,
    /** Bytes of requests in memory. */
    held: () => held.bytes,
    killWorker: detector.kill,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await detector.close();
      server.closeAllConnections();
      s3.destroy();
      await closed;
    },
  };
}

async function readObject(s3: S3Client, object: ObjectPlace): Promise<Uint8Array> {
  const unreadable = new RekognitionError(
    'InvalidS3ObjectException',
    'Unable to get object metadata from S3. Check object key, region and/or access permissions.',
  );
  try {
    const { Bucket, Name: Key, Version: VersionId } = object;
    const found = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }), {
      abortSignal: AbortSignal.timeout(READ_MS),
    });
    if ((found.ContentLength ?? 0) > MAX_OBJECT_BYTES) {
      found.Body?.transformToWebStream()
        .cancel()
        .catch(() => undefined);
      throw tooLarge();
    }
    if (found.Body === undefined) throw unreadable;
    return await found.Body.transformToByteArray();
  } catch (error) {
    throw error instanceof RekognitionError ? error : unreadable;
  }
}

/** DetectLabels' answer. */
function describe(found: Label[], maxLabels: number, minConfidence: number) {
  const sure = found.filter(({ confidence }) => confidence >= minConfidence);
  return {
    Labels: sure.slice(0, maxLabels).map(({ name, confidence, parents, instances }) => ({
      Name: name,
      Confidence: confidence,
      Instances: instances
        .filter((instance) => instance.confidence >= minConfidence)
        .map((instance) => ({ BoundingBox: instance.box, Confidence: instance.confidence })),
      Parents: parents.map((parent) => ({ Name: parent })),
      Aliases: [],
      Categories: [],
    })),
    LabelModelVersion: '3.0',
  };
}

function send(res: ServerResponse, status: number, body: object) {
  const bytes = Buffer.from(JSON.stringify(body));
  res.writeHead(status, {
    'Content-Type': 'application/x-amz-json-1.1',
    'Content-Length': bytes.length,
    'x-amzn-RequestId': randomUUID(),
  });
  res.end(bytes);
}
