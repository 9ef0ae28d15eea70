import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { EventLog } from '../events/events.ts';
import { escapeXml, sendXml } from '../s3/xml.ts';
import { type Credentials, KEEP_ALIVE_MS } from '../settings.ts';
import { refuseSignature } from '../sigv4.ts';
import { Ec2Error } from './ec2-error.ts';
import { openInstances } from './instances.ts';
import { operations } from './operations.ts';

const XMLNS = 'http://ec2.amazonaws.com/doc/2016-11-15/';
/** A request that has not ended after this long is dropped, milliseconds. */
const REQUEST_MS = 60_000;
/** Bytes of a request. */
const MAX_BODY = 64 * 1024;
/** How long an instance is pending, and stopping, milliseconds: long enough to be seen. */
const TRANSITION_MS = 3_000;

/**
 * Starts a local EC2 of instances that have states and run nothing: RunInstances, DescribeInstances, StartInstances and
 * StopInstances, in EC2's own query protocol.
 * @param options.dataDir folder in which the instances are kept
 * @param options.instances ids of instances that there are from the beginning
 * @param options.now the clock by which they take their time, ms since 1970
 * @returns the endpoint's URL and `close`
 * @throws FriendlyError when what is kept is damaged
 */
export async function startEc2(options: {
  dataDir: string;
  instances?: readonly string[] | undefined;
  region: string;
  credentials: Credentials;
  log: EventLog;
  transitionMs?: number | undefined;
  now?: (() => number) | undefined;
}) {
  const { dataDir, region, credentials, log } = options;
  const { transitionMs = TRANSITION_MS, now = Date.now } = options;
  await mkdir(dataDir, { recursive: true });
  const instances = openInstances(join(dataDir, 'instances.json'), { transitionMs, now });
  for (const id of options.instances ?? [])
    if (!instances.all().some((one) => one.id === id))
      instances.run({ id, imageId: 'ami-local', type: 't2.micro', tags: {} });

  async function answer(request: IncomingMessage): Promise<string> {
    const body = await readBody(request);
    const { method = '', url = '/', headers } = request;
    const hash = createHash('sha256').update(body).digest('hex');
    const refusal = refuseSignature({ method, url, headers }, { credentials, region, service: 'ec2' }, hash);
    if (refusal) throw new Ec2Error(refusal.code, refusal.message, refusal.status);
    const parameters = new URLSearchParams(body.toString());
    const action = parameters.get('Action') ?? '';
    const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
    if (!operation) throw new Ec2Error('InvalidAction', `The action ${action} is not known here`);
    const id = `<requestId>${randomUUID()}</requestId>`;
    return `<${action}Response xmlns="${XMLNS}">${id}${operation(instances, parameters)}</${action}Response>`;
  }

  const server = createServer({ requestTimeout: REQUEST_MS, keepAliveTimeout: KEEP_ALIVE_MS }, (req, res) => {
    answer(req).then(
      (xml) => sendXml(res, 200, xml).end(),
      (error: unknown) => {
        if (!(error instanceof Ec2Error)) log('the local EC2 failed', error);
        sendError(res, error instanceof Ec2Error ? error : new Ec2Error('InternalError', 'See the log', 500));
      },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo; only pipes have a string.
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MAX_BODY)
      throw new Ec2Error('RequestEntityTooLarge', `A request has at most ${MAX_BODY} bytes`, 413);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function sendError(response: ServerResponse, { status, code, message }: Ec2Error): void {
  const error = `<Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error>`;
  const xml = `<Response><Errors>${error}</Errors><RequestID>${randomUUID()}</RequestID></Response>`;
  sendXml(response, status, xml).end();
}
