/**
 * A DynamoDB that costs next to nothing: each request is worked out once and its answer replayed, so that a comparison
 * measures the servers and not their database. It stores nothing: PutItem is answered and forgotten.
 *
 * Makes the tables that its arguments name, and others when they are asked for. Prints its port when it listens, and serves
 * until it is told to stop (SIGTERM).
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import { tables } from './data.ts';
import { createTable, type BatchRead, type Read, type Table } from './table.ts';

type Answer = { status: number; body: Buffer; headers: Record<string, string | number> };

const built = new Map<string, Table>();
/** The answers by request. Forgotten when they hold more bytes than this: 100,000 posts in both orders are 160 MB. */
const replayLimitBytes = 400 * 1024 * 1024;
const replays = new Map<string, Answer>();
let replayBytes = 0;
const stored = answer(200, '{}');
/** Of DynamoDB's operations, since the start. */
let calls = 0;

const server = createServer((request, response) => {
  if (request.url === '/calls') return send(response, answer(200, String(calls)));
  if (request.method === 'GET') return send(response, answer(200, 'healthy: dynamodb'));
  calls += 1;
  readBody(request, (body) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1];
    if (operation === 'PutItem') return send(response, stored);
    send(
      response,
      replay(`${operation} ${body}`, () => work(operation, body)),
    );
  });
});
// 100,000 posts take longer to make than a caller waits for an answer.
for (const name of process.argv.slice(2)) tableNamed(name);
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => {
  // A server that listens on TCP has an AddressInfo, never a pipe's name.
  console.log((server.address() as AddressInfo).port);
});
process.once('SIGTERM', () => process.exit(0));

function readBody(request: IncomingMessage, then: (body: string) => void): void {
  let body = '';
  request.setEncoding('latin1');
  request.on('data', (chunk: string) => (body += chunk));
  request.on('end', () => then(body));
}

function replay(key: string, make: () => Answer): Answer {
  const known = replays.get(key);
  if (known) return known;
  const fresh = make();
  replayBytes += key.length + fresh.body.length;
  if (replayBytes > replayLimitBytes) {
    replays.clear();
    replayBytes = 0;
  }
  replays.set(key, fresh);
  return fresh;
}

function work(operation: string | undefined, body: string): Answer {
  try {
    // The SDKs are the only callers: they send what their types say.
    const read = JSON.parse(Buffer.from(body, 'latin1').toString()) as Read & BatchRead;
    const table = tableNamed(read.TableName ?? Object.keys(read.RequestItems)[0]);
    if (!table) return refuse('ResourceNotFoundException', `Requested resource not found: ${read.TableName}`);
    if (operation === 'GetItem') return answer(200, table.get(read));
    if (operation === 'BatchGetItem') return answer(200, table.batchGet(read));
    if (operation === 'Query') return answer(200, table.query(read));
    if (operation === 'Scan') return answer(200, table.scan(read));
    return refuse('UnknownOperationException', `${operation} is not part of the benchmarks`);
  } catch (error) {
    return refuse('ValidationException', String(error));
  }
}

function tableNamed(name: string): Table | undefined {
  const content = Object.values(tables).find((table) => table.name === name);
  if (!content) return undefined;
  const table = built.get(name) ?? createTable(content);
  built.set(name, table);
  return table;
}

function refuse(type: string, message: string): Answer {
  return answer(400, JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message }));
}

function answer(status: number, json: string): Answer {
  const body = Buffer.from(json);
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': body.length,
    'x-amz-crc32': String(crc32(body)),
    'x-amzn-requestid': 'BENCH0000000000000000000000000000000000000000000000',
  };
  return { status, body, headers };
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, headers);
  response.end(body);
}
