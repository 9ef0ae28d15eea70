import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { parseEntry } from '../../src/shipper/journal.ts';
import { createShipper } from '../../src/shipper/ship.ts';

const root = join(import.meta.dirname, '../..');

/** A line as journalctl writes it. */
const line = (number: number, MESSAGE: unknown = `line ${number}`) =>
  JSON.stringify({
    __CURSOR: `s=1;i=${number}`,
    __REALTIME_TIMESTAMP: String(1_795_000_000_000_000 + number * 1000),
    MESSAGE,
  });

interface Put {
  logStreamName: string;
  logEvents: { timestamp: number; message: string }[];
}

/** CloudWatch Logs over HTTP, for one group: keeps what it is given, or fails with the error it was told. */
async function startCloudWatch(t: TestContext) {
  const streams: string[] = [];
  const puts: Put[] = [];
  const state: { error?: string | undefined; failed: number } = { failed: 0 };
  const server = createServer(async (request, response) => {
    // The shapes of CreateLogStream's and PutLogEvents' input.
    const input = (await json(request)) as Put;
    const fail = (type: string, status = 400) => {
      response.statusCode = status;
      response.end(JSON.stringify({ __type: type, message: 'no' }));
    };
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    if (request.headers['x-amz-target'] === 'Logs_20140328.CreateLogStream') {
      if (streams.includes(input.logStreamName)) return fail('ResourceAlreadyExistsException');
      streams.push(input.logStreamName);
      return response.end('{}');
    }
    if (state.error) {
      state.failed++;
      return fail(state.error, state.error === 'ServiceUnavailableException' ? 503 : 400);
    }
    puts.push(input);
    return response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  // A server that listens on TCP has an AddressInfo; only pipes have a string.
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new CloudWatchLogsClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    endpoint,
    maxAttempts: 1,
  });
  t.after(() => client.destroy());
  return {
    endpoint,
    client,
    state,
    streams,
    puts,
    messages: () => puts.flatMap(({ logEvents }) => logEvents),
  };
}

async function until(what: string, look: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !look(); await pause(10))
    if (Date.now() > end) throw new Error(`Waited for ${what}`);
}

describe('a line of the journal', () => {
  it('is an event with its time in ms', () => {
    assert.deepEqual(parseEntry(line(7)), {
      cursor: 's=1;i=7',
      timestamp: 1_795_000_000_007,
      message: 'line 7',
    });
  });

  it('may be bytes, and may say nothing', () => {
    assert.equal(parseEntry(line(1, [...Buffer.from('caf\u00e9\u0007')]))?.message, 'caf\u00e9\u0007');
    for (const nothing of [null, '']) assert.equal(parseEntry(line(1, nothing)), undefined);
    assert.equal(parseEntry('-- No entries --'), undefined);
  });

  it('is cut where CloudWatch would refuse it', () => {
    assert.equal(Buffer.byteLength(parseEntry(line(1, 'x'.repeat(300_000)))?.message ?? ''), 256_000);
  });
});

async function shipper(t: TestContext) {
  const cloud = await startCloudWatch(t);
  const cursors: string[] = [];
  const said: string[] = [];
  const writable = createShipper({
    client: cloud.client,
    group: '/p/dev/server',
    stream: 'i-1',
    shipped: (cursor) => Promise.resolve(void cursors.push(cursor)),
    log: (message) => said.push(message),
    restMs: 0,
  });
  return { ...cloud, writable, cursors, said };
}

describe('the shipper', () => {
  const numbers = Array.from({ length: 3000 }, (_, index) => index);

  it('puts all lines in order into the stream of the instance, and remembers where it came to', async (t) => {
    const { writable, streams, messages, cursors } = await shipper(t);
    for (const number of numbers) if (!writable.write(line(number))) await once(writable, 'drain');
    writable.end();
    await once(writable, 'finish');
    assert.deepEqual(streams, ['i-1']);
    assert.deepEqual(
      messages().map(({ message }) => message),
      numbers.map((number) => `line ${number}`),
    );
    assert.equal(cursors.at(-1), 's=1;i=2999');
  });

  it('keeps calls under 1 MB, and under a day', async (t) => {
    const { writable, puts } = await shipper(t);
    writable.cork();
    for (const number of [1, 2, 3, 4, 5]) writable.write(line(number, 'x'.repeat(300_000)));
    writable.write(line(24 * 60 * 60 * 1000));
    writable.uncork();
    writable.end();
    await once(writable, 'finish');
    assert.deepEqual(
      puts.map(({ logEvents }) => logEvents.length),
      [3, 2, 1],
    );
  });

  it('takes no more while CloudWatch does not answer, and loses and doubles nothing', async (t) => {
    const { writable, state, messages, cursors, said } = await shipper(t);
    state.error = 'ServiceUnavailableException';
    let taken = 0;
    for (; writable.write(line(taken)); taken++);
    await until('two failures', () => state.failed >= 2);
    assert.ok(taken < 1000, `${taken} lines taken`);
    assert.deepEqual(cursors, []);
    state.error = undefined;
    await once(writable, 'drain');
    writable.end();
    await once(writable, 'finish');
    assert.deepEqual(
      messages().map(({ message }) => message),
      Array.from({ length: taken + 1 }, (_, number) => `line ${number}`),
    );
    assert.match(said[0] ?? '', /^ServiceUnavailableException/);
  });

  it('gives up only what CloudWatch will never take', async (t) => {
    const { writable, state, messages, said } = await shipper(t);
    state.error = 'InvalidParameterException';
    writable.write(line(1));
    await until('the refusal', () => state.failed === 1);
    state.error = undefined;
    writable.write(line(2));
    writable.end();
    await once(writable, 'finish');
    assert.deepEqual(
      messages().map(({ message }) => message),
      ['line 2'],
    );
    assert.match(said[0] ?? '', /^InvalidParameterException/);
  });
});

it('on an instance: reads the journal of the unit from where it was, and ends on SIGTERM with its last words', async (t) => {
  const { endpoint, messages } = await startCloudWatch(t);
  const folder = await mkdtemp(join(tmpdir(), 'shipper-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  // Prints what it was asked, then the journal, and goes on until it is killed.
  const journalctl = `#!/bin/sh\necho "$*" >>${folder}/asked\ncat ${folder}/journal\nexec sleep 600\n`;
  await writeFile(join(folder, 'journalctl'), journalctl, { mode: 0o755 });

  async function run(lines: string[], wait: () => boolean) {
    await writeFile(join(folder, 'journal'), lines.map((text) => `${text}\n`).join(''));
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/shipper/main.ts'], {
      cwd: root,
      env: {
        PATH: `${folder}:${process.env.PATH}`,
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: 'a',
        AWS_SECRET_ACCESS_KEY: 'b',
        AWS_ENDPOINT_URL: endpoint,
        LOG_GROUP: '/p/dev/server',
        LOG_STREAM: 'i-1',
        LOG_UNIT: 'postagram',
        STATE_DIRECTORY: folder,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    t.after(() => child.kill('SIGKILL'));
    await until('the lines', wait);
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
  }

  await run([line(1), line(2)], () => messages().length === 2);
  assert.equal(await readFile(join(folder, 'cursor'), 'utf8'), 's=1;i=2');
  await run([line(3)], () => messages().length === 3);
  assert.deepEqual(
    messages().map(({ message }) => message),
    ['line 1', 'line 2', 'line 3'],
  );
  const asked = '--unit=postagram --follow --no-tail --output=json --output-fields=MESSAGE --all';
  assert.equal(await readFile(join(folder, 'asked'), 'utf8'), `${asked}\n${asked} --after-cursor=s=1;i=2\n`);
});
