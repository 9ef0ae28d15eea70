import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import type { Detection } from './detect.ts';
import { Busy, startDetectorThread, UnreadableImage } from './detector-thread.ts';
import type { EventLog } from '../events/events.ts';
import { type Credentials, KEEP_ALIVE_MS } from '../settings.ts';
import { refuseSignature } from '../sigv4.ts';

/** Rekognition's limits: 15 MB in a bucket, 5 MB in the request (bytes), 55 % unless asked otherwise. */
const MAX_OBJECT_BYTES = 15 * 1024 * 1024;
const MAX_INLINE_BYTES = 5 * 1024 * 1024;
const DEFAULT_MIN_CONFIDENCE = 55;
/** 5 MB in base64, and what stands around it. */
const MAX_REQUEST_BYTES = 8 * 1024 * 1024;
/** A request that has not ended after this long is dropped, milliseconds. */
const REQUEST_MS = 60_000;

/** An error in Rekognition's protocol: `type` becomes `__type`, and the name of the exception in the SDK. */
class RekognitionError extends Error {
  readonly type: string;
  readonly status: number;
  constructor(type: string, message: string, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

const S3Object = v.object({ Bucket: v.string(), Name: v.string(), Version: v.optional(v.string()) });
const DetectLabels = v.object({
  Image: v.object({
    Bytes: v.optional(v.string()),
    S3Object: v.optional(S3Object),
  }),
  MaxLabels: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1000),
  MinConfidence: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(100)), DEFAULT_MIN_CONFIDENCE),
});

/**
 * Starts a local Rekognition that knows DetectLabels, over a real neural network (COCO-SSD, 80 classes).
 * @param options.s3Endpoint where S3Object images are read
 * @returns the endpoint's URL and `close`; the network loads in the background and early requests wait for it
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

  const answer = async (req: IncomingMessage) => {
    const body = await readBody(req);
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
    const image = Image.S3Object === undefined ? inline(Image.Bytes) : await readObject(s3, Image.S3Object);
    if (!isJpegOrPng(image)) throw invalidFormat();
    return describe(await detector.detect(image), MaxLabels, MinConfidence);
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

async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const pieces: AsyncIterable<Buffer> = req;
  for await (const chunk of pieces) {
    size += chunk.length;
    // What is too long is read to its end all the same, so that the client gets to read the answer.
    if (size <= MAX_REQUEST_BYTES) chunks.push(chunk);
  }
  if (size > MAX_REQUEST_BYTES)
    throw new RekognitionError('ImageTooLargeException', 'Image size is too large.');
  return Buffer.concat(chunks);
}

function parseRequest(text: string) {
  try {
    const result = v.safeParse(DetectLabels, JSON.parse(text));
    if (result.success) return result.output;
    throw new RekognitionError('InvalidParameterException', 'Request has invalid parameters');
  } catch (error) {
    if (error instanceof SyntaxError) throw new RekognitionError('SerializationException', 'Not JSON.');
    throw error;
  }
}

function inline(bytes: string | undefined): Buffer {
  if (bytes === undefined) throw new RekognitionError('InvalidParameterException', 'Request has no image');
  const image = Buffer.from(bytes, 'base64');
  if (image.length > MAX_INLINE_BYTES) throw tooLarge();
  return image;
}

async function readObject(s3: S3Client, object: v.InferOutput<typeof S3Object>): Promise<Uint8Array> {
  const unreadable = new RekognitionError(
    'InvalidS3ObjectException',
    'Unable to get object metadata from S3. Check object key, region and/or access permissions.',
  );
  try {
    const { Bucket, Name: Key, Version: VersionId } = object;
    const found = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
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

/** sharp would read SVG, GIF and more; Rekognition reads these two. */
function isJpegOrPng(image: Uint8Array): boolean {
  const start = Buffer.from(image.subarray(0, 8)).toString('hex');
  return start.startsWith('ffd8ff') || start === '89504e470d0a1a0a';
}

/** DetectLabels' answer: each label once, the surest first. */
function describe(found: Detection[], maxLabels: number, minConfidence: number) {
  const labels = new Map<string, Detection[]>();
  for (const detection of found) {
    if (detection.confidence < minConfidence) continue;
    labels.set(detection.name, [...(labels.get(detection.name) ?? []), detection]);
  }
  return {
    Labels: [...labels].slice(0, maxLabels).map(([name, things]) => ({
      Name: name,
      Confidence: things[0]?.confidence,
      Instances: things.map(({ box, confidence }) => ({ BoundingBox: box, Confidence: confidence })),
      Parents: [],
      Aliases: [],
      Categories: [],
    })),
    LabelModelVersion: '3.0',
  };
}

function translate(error: unknown): RekognitionError {
  if (error instanceof RekognitionError) return error;
  if (error instanceof UnreadableImage) {
    // sharp's words for limitInputPixels.
    return /pixel limit/i.test(error.message) ? tooLarge() : invalidFormat();
  }
  if (error instanceof Busy)
    return new RekognitionError('ProvisionedThroughputExceededException', error.message);
  return new RekognitionError(
    'InternalServerError',
    error instanceof Error ? error.message : String(error),
    500,
  );
}

/** S3 and the JSON services name the same refusals differently. */
function signatureError(code: string, message: string) {
  const names: Record<string, string> = {
    AccessDenied: 'MissingAuthenticationTokenException',
    InvalidAccessKeyId: 'UnrecognizedClientException',
    InvalidToken: 'UnrecognizedClientException',
    SignatureDoesNotMatch: 'InvalidSignatureException',
    RequestTimeTooSkewed: 'InvalidSignatureException',
  };
  return new RekognitionError(names[code] ?? 'IncompleteSignatureException', message);
}

const invalidFormat = () =>
  new RekognitionError('InvalidImageFormatException', 'Request has invalid image format');
const tooLarge = () => new RekognitionError('ImageTooLargeException', 'Image size is too large.');

function send(res: ServerResponse, status: number, body: object) {
  const bytes = Buffer.from(JSON.stringify(body));
  res.writeHead(status, {
    'Content-Type': 'application/x-amz-json-1.1',
    'Content-Length': bytes.length,
    'x-amzn-RequestId': randomUUID(),
  });
  res.end(bytes);
}
