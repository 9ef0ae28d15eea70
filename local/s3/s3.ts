import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { imageBucketCors } from '../../templates/image-bucket.ts';
import {
  type EventLog,
  type ObjectCreatedHandler,
  objectCreatedEvent,
  openEventQueue,
} from '../events/events.ts';
import * as deletes from './deletes.ts';
import * as lists from './lists.ts';
import { openObjectStore } from './objects.ts';
import * as operations from './operations.ts';
import { S3Error } from './s3-error.ts';
import { escapeXml, sendXml } from './xml.ts';
import { type Credentials, KEEP_ALIVE_MS } from '../settings.ts';
import { decodePart, parseQuery, refuseSignature } from '../sigv4.ts';

/** A request that has not ended after this long is dropped, milliseconds. */
const REQUEST_MS = 5 * 60 * 1000;
const LIMITS = { requestTimeout: REQUEST_MS, keepAliveTimeout: KEEP_ALIVE_MS, maxHeaderSize: 32 * 1024 };
/** How much of a refused body is read before the connection is cut, so that the client sees the answer, bytes. */
const DRAIN_BYTES = 32 * 1024 * 1024;
/** How long close() waits for requests in flight, milliseconds. */
const CLOSE_MS = 2000;

export type LocalS3 = Awaited<ReturnType<typeof startS3>>;

/** A bucket besides that of the photos. One of what can be made anew keeps no versions and tells nobody of its objects. */
export type LocalBucket = { name: string; dataDir: string; cors?: BucketCors | undefined; derived?: true };

/** What pages of other origins may do with a bucket. */
type BucketCors = {
  readonly AllowedMethods: readonly string[];
  readonly AllowedHeaders: readonly string[];
  readonly ExposedHeaders: readonly string[];
  readonly MaxAge: number;
};

/**
 * Starts a local S3 for development only, with the bucket of the photos and others, which keep versions unless
 * they are derived: as strict as S3 where they depend on it, and answering 501 NotImplemented to the rest.
 * @param options.dataDir folder of objects, undelivered events and dead letters
 * @param options.corsOrigins origins the bucket's CORS rule allows; `*` stands for any characters
 * @param options.retryMs pauses between the tries of an event, milliseconds
 * @returns the endpoint's URL, `onObjectCreated` to set the receiver of events, and `close`
 */
export async function startS3(options: {
  dataDir: string;
  bucket: string;
  buckets?: readonly LocalBucket[] | undefined;
  region: string;
  credentials: Credentials;
  log: EventLog;
  corsOrigins?: string[] | undefined;
  port?: number | undefined;
  retryMs?: number[] | undefined;
}) {
  const { region, credentials, log, corsOrigins = ['*'] } = options;
  const photos: LocalBucket = { name: options.bucket, dataDir: options.dataDir, cors: imageBucketCors };
  const buckets = new Map<string, Bucket>();
  for (const { name, dataDir, cors, derived } of [photos, ...(options.buckets ?? [])]) {
    const store = await openObjectStore(dataDir, !derived);
    buckets.set(name, {
      cors,
      store,
      derived,
      events: await openEventQueue(dataDir, log, options.retryMs, store.wasThere),
    });
  }

  const answer = async (req: IncomingMessage, res: ServerResponse, requestId: string) => {
    const { method = '', url = '/' } = req;
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const [, encodedName = '', ...rest] = path.split('/');
    const name = decodePart(encodedName) ?? '';
    const bucket = buckets.get(name);
    if (allowOrigin(req, res, corsOrigins, bucket?.cors)) return;
    const refusal = refuseSignature(
      { method, url, headers: req.headers },
      { credentials, region, service: 's3' },
    );
    if (refusal !== undefined) throw new S3Error(refusal.status, refusal.code, refusal.message);

    const query = parseQuery(mark < 0 ? '' : url.slice(mark + 1));
    const key = decodePart(rest.join('/'));
    if (key === undefined) throw new S3Error(400, 'InvalidURI', "Couldn't parse the specified URI.");
    if (bucket === undefined) throw new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist');

    const { store, events } = bucket;
    const request = { req, res, key, query };
    const operation = `${method} ${key === '' ? 'bucket' : 'object'}${subresource(query)}`;
    switch (operation) {
      case 'PUT object':
        return operations.putObject(request, store, (info, commit) => {
          if (bucket.derived) return commit();
          const body = objectCreatedEvent(info, name, region, requestId);
          return events.add({ name: info.sequencer, body }, commit);
        });
      case 'GET object':
      case 'HEAD object':
        return operations.getObject(request, store);
      case 'DELETE object':
        return deletes.deleteObject(request, store);
      case 'POST bucket?delete':
        return deletes.deleteObjects(request, store);
      case 'GET bucket?list-type':
        return lists.listObjects(request, store, name);
      case 'GET bucket?versions':
        return lists.listVersions(request, store, name);
      case 'HEAD bucket':
        return void res.writeHead(200, { 'x-amz-bucket-region': region }).end();
      default:
        throw new S3Error(501, 'NotImplemented', `The local S3 does not know ${operation}.`);
    }
  };

  const server = createServer(LIMITS, (req, res) => {
    const requestId = randomBytes(8).toString('hex').toUpperCase();
    res.setHeader('x-amz-request-id', requestId);
    res.setHeader('Server', 'PostagramLocalS3');
    answer(req, res, requestId).catch((error: unknown) => sendError(req, res, error, requestId, log));
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo; only pipes have a string.
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    server,
    /** Sets the receiver of a bucket's events, by default of the photos'. */
    onObjectCreated: (handler: ObjectCreatedHandler, bucket = options.bucket) =>
      buckets.get(bucket)?.events.setHandler(handler),
    pendingEvents: () => [...buckets.values()].reduce((sum, { events }) => sum + events.pending(), 0),
    async close() {
      // First, while the handlers at work can still read and delete objects.
      await Promise.all([...buckets.values()].map(({ events }) => events.close()));
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
      await closed;
      clearTimeout(cut);
    },
  };
}

type Bucket = {
  cors: BucketCors | undefined;
  derived: true | undefined;
  store: Awaited<ReturnType<typeof openObjectStore>>;
  events: Awaited<ReturnType<typeof openEventQueue>>;
};

/** Parameters that choose neither a signature nor a detail, so that they make another operation: `?acl`, `?uploads`… */
function subresource(query: (readonly [string, string])[]): string {
  const details =
    /^(x-amz-.*|x-id|versionId|response-.*|prefix|max-keys|continuation-token|start-after|key-marker|version-id-marker|encoding-type|delimiter|fetch-owner)$/i;
  const names = query.map(([name]) => name).filter((name) => !details.test(name));
  return names.length === 0 ? '' : `?${names.join('&')}`;
}

const NO_CORS: BucketCors = { AllowedMethods: [], AllowedHeaders: [], ExposedHeaders: [], MaxAge: 0 };

/** Sets the CORS headers of an answer. @returns whether the request was a preflight and is answered */
function allowOrigin(
  req: IncomingMessage,
  res: ServerResponse,
  origins: string[],
  cors: BucketCors | undefined,
): boolean {
  const { origin } = req.headers;
  const isPreflight = req.method === 'OPTIONS';
  if (origin === undefined) {
    if (isPreflight)
      throw new S3Error(400, 'BadRequest', 'Insufficient information. Origin request header needed.');
    return false;
  }
  const asked = (req.headers['access-control-request-headers'] ?? '').split(',').map((name) => name.trim());
  const method = isPreflight ? req.headers['access-control-request-method'] : req.method;
  const { AllowedMethods, AllowedHeaders, ExposedHeaders, MaxAge } = cors ?? NO_CORS;
  const allowed =
    origins.some((pattern) => matches(pattern, origin)) &&
    AllowedMethods.some((name) => name === method) &&
    (!isPreflight ||
      asked.every((name) => !name || AllowedHeaders.some((known) => known === name.toLowerCase())));
  res.setHeader('Vary', 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method');
  if (allowed) {
    res.setHeader('Access-Control-Allow-Origin', origins.includes('*') ? '*' : origin);
    res.setHeader('Access-Control-Allow-Methods', AllowedMethods.join(', '));
    res.setHeader('Access-Control-Expose-Headers', ExposedHeaders.join(', '));
    if (!origins.includes('*')) res.setHeader('Access-Control-Allow-Credentials', 'true');
  }
  if (!isPreflight) return false;
  if (!allowed) throw new S3Error(403, 'AccessForbidden', 'CORSResponse: This CORS request is not allowed.');
  if (asked.some(Boolean)) res.setHeader('Access-Control-Allow-Headers', asked.join(', '));
  res.setHeader('Access-Control-Max-Age', MaxAge);
  res.writeHead(200, { 'Content-Length': 0 }).end();
  return true;
}

function matches(pattern: string, origin: string): boolean {
  const [start = '', end] = pattern.split('*');
  if (end === undefined) return pattern === origin;
  return origin.length >= start.length + end.length && origin.startsWith(start) && origin.endsWith(end);
}

function sendError(
  req: IncomingMessage,
  res: ServerResponse,
  error: unknown,
  requestId: string,
  log: EventLog,
) {
  const gone = req.destroyed && !req.complete;
  if (gone || res.headersSent) {
    res.destroy();
    return;
  }
  const known = error instanceof S3Error;
  if (!known) log(`local S3: ${req.method} ${req.url} failed`, error);
  const { status, code, message } = known
    ? error
    : new S3Error(500, 'InternalError', 'We encountered an error.');
  res.setHeader('Connection', 'close');
  if (known) for (const [name, value] of Object.entries(error.headers)) res.setHeader(name, value);
  const resource = escapeXml(req.url ?? '');
  const text = `<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message>`;
  const body = `${text}<Resource>${resource}</Resource><RequestId>${requestId}</RequestId></Error>`;
  if (req.method === 'HEAD') res.writeHead(status).end();
  else if (req.complete) sendXml(res, status, body).end();
  else {
    // Ending now would close the socket with bytes unread: a reset, that can reach the client before the answer.
    sendXml(res, status, body);
    let drained = 0;
    req.on('data', (chunk: Buffer) => {
      drained += chunk.length;
      if (drained > DRAIN_BYTES) req.destroy();
    });
    req.on('close', () => res.end());
  }
}
