import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { json } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { logs } from '../../deploy/commands/logs.ts';
import { durationOf, logLine } from '../../deploy/terminal/log-line.ts';
import { createTerminal } from '../../deploy/terminal/terminal.ts';

const plain = (_: unknown, text: string) => text;
const coloured = (style: unknown, text: string) => `<${String(style)}>${text}`;
const at = Date.UTC(2026, 10, 24, 10, 0, 0, 250);
const inColours = (message: string) => logLine({ timestamp: at, source: 's', message }, coloured);

describe('a line of a log', () => {
  const rows: [what: string, stream: string, message: string, line: string][] = [
    [
      'a request',
      'i-0123456789abcdef0',
      '{"level":30,"time":1,"id":"a1","method":"GET","path":"/posts","route":"GET /posts","status":200,"ms":1.5}\n',
      'i-0123456789abcdef0 GET /posts 200 1.5 ms id=a1',
    ],
    [
      'a request without a route',
      'i-1',
      '{"level":30,"method":"GET","status":404,"ms":1}',
      'i-1 GET (no route) 404 1 ms',
    ],
    [
      'an error with its causes, without stacks',
      'i-1',
      '{"level":50,"msg":"failed","err":{"name":"A","message":"b","stack":"A: b\\n at x","cause":{"name":"C","message":"d"}}}',
      'i-1 failed A: b, because C: d',
    ],
    [
      'what a function logs, less what Lambda puts before it',
      '2026/11/24/[$LATEST]0123456789abcdef0123456789abcdef',
      '2026-11-24T10:00:00.000Z\t01234567-0123-0123-0123-0123456789ab\tINFO\t{"msg":"stored","labels":["Cat"]}\n',
      'abcdef stored labels=["Cat"]',
    ],
    ['plain text', 'i-1', 'Started Postagram.\n', 'i-1 Started Postagram.'],
    ['what only looks like JSON', 'i-1', '{no', 'i-1 {no'],
  ];
  for (const [what, logStreamName, message, line] of rows)
    it(`tells ${what}`, () => {
      const event = { timestamp: at, source: 'server', logStreamName, message };
      assert.equal(logLine(event, plain), `10:00:00.250 server ${line}`);
    });

  it('is red for a 5xx and for an error, yellow for a warning', () => {
    assert.match(inColours('{"level":30,"status":503}'), /<red>503/);
    assert.match(inColours('{"level":50,"msg":"no"}'), /<red>no/);
    assert.match(inColours('{"level":40,"msg":"hm"}'), /<yellow>hm/);
    assert.doesNotMatch(inColours('{"level":30,"status":404}'), /red|yellow/);
  });
});

it('a duration is a number and a unit', () => {
  assert.deepEqual(['90s', '10m', '2h', '3d'].map(durationOf), [90_000, 600_000, 7_200_000, 259_200_000]);
  assert.deepEqual(
    ['10', 'm', '1.5h', '-1m', '10 m', '99999s'].map(durationOf),
    Array.from({ length: 6 }, () => undefined),
  );
});

interface Event {
  eventId: string;
  timestamp: number;
  message: string;
}

/** CloudWatch Logs of one group over HTTP: gives pages of two events, from the time that was asked for on. */
async function startLogs(t: TestContext, held: Record<string, Event[]>) {
  const asked: { logGroupName: string; startTime: number; nextToken?: string }[] = [];
  const server = createServer(async (request, response) => {
    // The shape of FilterLogEvents' input.
    const input = (await json(request)) as (typeof asked)[number];
    asked.push(input);
    const events = held[input.logGroupName];
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    if (!events) {
      response.statusCode = 400;
      return response.end('{"__type":"ResourceNotFoundException","message":"none"}');
    }
    const from = Number(input.nextToken ?? 0);
    const found = events.filter(({ timestamp }) => timestamp >= input.startTime);
    const nextToken = from + 2 < found.length ? String(from + 2) : undefined;
    return response.end(JSON.stringify({ events: found.slice(from, from + 2), nextToken }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo; only pipes have a string.
  const { port } = server.address() as AddressInfo;
  const client = new CloudWatchLogsClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    endpoint: `http://127.0.0.1:${port}`,
  });
  t.after(() => {
    client.destroy();
    server.close();
    server.closeAllConnections();
  });
  const stdout = new PassThrough();
  const terminal = createTerminal(stdout, new PassThrough());
  const said = () =>
    String(stdout.read() ?? '')
      .split('\n')
      .filter(Boolean)
      .map((line) => line.slice(13));
  return { client, terminal, said, asked };
}

const event = (eventId: string, ago: number): Event => ({
  eventId,
  timestamp: Date.now() - ago,
  message: eventId,
});

describe('reading logs', () => {
  it('shows all pages of all groups by time, since when it was asked, without the noise of calls', async (t) => {
    const { client, terminal, said } = await startLogs(t, {
      '/p/dev/server': [
        event('too old', 700_000),
        event('first', 5000),
        event('third', 3000),
        event('fifth', 1000),
      ],
      '/p/dev/labeler': [event('second', 4000), event('START RequestId: 1', 3500), event('fourth', 2000)],
    });
    await logs({ client, terminal }, ['/p/dev/server', '/p/dev/labeler', '/p/dev/none'], {
      since: 600_000,
      follow: false,
    });
    // A round of pages is in order; what did not fit into it comes after.
    assert.deepEqual(said(), [
      'server first',
      'labeler second',
      'server third',
      'labeler fourth',
      'server fifth',
    ]);
  });

  it('follows: shows what comes, late events too, and none twice', async (t) => {
    const events = [event('first', 5000)];
    const { client, terminal, said, asked } = await startLogs(t, { '/p/dev/server': events });
    const reading = logs({ client, terminal }, ['/p/dev/server'], { since: 60_000, follow: true, looks: 2 });
    // One that happened before what was shown already, and becomes readable after it.
    while (asked.length < 1) await new Promise(setImmediate);
    events.push(event('late', 20_000), event('new', 0));
    await reading;
    assert.deepEqual(said().toSorted(), ['server first', 'server late', 'server new']);
  });

  it('says that there is no such log', async (t) => {
    const { client, terminal } = await startLogs(t, {});
    await assert.rejects(
      logs({ client, terminal }, ['/p/dev/server'], { since: 1000, follow: true }),
      /There is no log group \/p\/dev\/server/,
    );
  });
});
