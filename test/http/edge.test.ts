import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { createRouter } from '../../router.ts';
import type { AnswerOptions, RequestLine } from '../../src/http/answer.ts';
import type { Routes } from '../../src/http/call.ts';
import { answerEdges } from '../../src/http/edge.ts';
import { eventually } from '../support/eventually.ts';
import { gate, startFaultProxy, type Verdict } from '../support/fault-proxy.ts';
import { type RawAnswer, talk } from '../support/raw-http.ts';
import { openCloud, startServer } from '../support/service.ts';

const { env } = await openCloud({ after }, { labels: false });
const dynamo = await startFaultProxy({ after }, env.AWS_ENDPOINT_URL_DYNAMODB ?? '');
const { url, logs, logged, stderr } = await startServer(
  { after },
  { ...env, AWS_ENDPOINT_URL_DYNAMODB: dynamo.url },
);

const CLOSE = 'connection: close\r\n';
const UPGRADE = 'upgrade: h2c\r\nconnection: upgrade\r\n';
const CHUNKED = 'authorization: Ann\r\ntransfer-encoding: chunked\r\n';
const head = (line: string, headers = '') => `${line} HTTP/1.1\r\nhost: x\r\n${headers}\r\n`;

/** Checks what every answer has, whoever would have given it. */
async function assertOurs({ status, headers, text }: RawAnswer): Promise<void> {
  const id = headers.get('x-request-id');
  const line = await logged((found) => found.id === id);
  assert.equal(line.status, status);
  assert.equal(logs.filter((found) => found.id === id).length, 1);
  assert.equal(headers.get('access-control-allow-origin'), '*');
  assert.match(headers.get('access-control-expose-headers') ?? '', /X-Request-Id/);
  if (status < 400) return;
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json(;|$)/);
  const { title, detail, message, ...rest } = JSON.parse(text) as Record<string, unknown>;
  assert.ok(title && detail && message === detail, text);
  assert.equal(rest.status, status);
}

describe('an answer with id, problem document and log line is given to', () => {
  const uuid = randomUUID();
  const rows: [string, string, number[], RegExp?][] = [
    ['what is not HTTP', 'garbage\r\n\r\n', [400], /Invalid method/],
    ['a TLS handshake', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001', [400]],
    ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400]],
    ['a header without a name', head('GET /posts', ': x\r\n'), [400]],
    ['a length that is none', head('POST /posts', 'content-length: x\r\n'), [400]],
    ['two lengths', head('POST /posts', 'content-length: 1\r\ncontent-length: 2\r\n'), [400]],
    ['a length and chunks', head('POST /posts', `${CHUNKED}content-length: 2\r\n`), [400]],
    ['a body whose chunks are broken', `${head('POST /posts', CHUNKED)}zz\r\n`, [400], /chunk size/],
    ['headers of more than 16 KiB', head('GET /posts', `a: ${'x'.repeat(17_000)}\r\n`), [431], /16 KiB/],
    ['a target of more than 16 KiB', head(`GET /posts?${'x'.repeat(17_000)}`), [431], /16 KiB/],
    ['extensions of chunks', `${head('POST /posts', CHUNKED)}1;${'x'.repeat(17_000)}\r\n`, [413], /chunk/],
    ['an expectation', head('GET /posts', `expect: wonders\r\n${CLOSE}`), [417], /100-continue/],
    ['CONNECT', head('CONNECT example.com:443'), [405], /proxy/],
    ['no Host', `GET /posts HTTP/1.1\r\n${CLOSE}\r\n`, [400], /Host/],
    ['two Hosts', head('GET /posts', `Host: y\r\n${CLOSE}`), [400], /Host/],
    ['whole URLs', head(`GET http://elsewhere/posts/${uuid}`, CLOSE), [404], /no such post/],
    ['whole URLs with a query', head('GET HTTPS://elsewhere:1/posts?limit=0', CLOSE), [422], /limit/],
    ['whole URLs of the root', head('DELETE http://elsewhere', CLOSE), [404]],
    ['whole URLs of a query', head('DELETE http://elsewhere?a=/posts', CLOSE), [404]],
    ['Upgrade', head('GET /posts', `${UPGRADE}${CLOSE}`), [200]],
    ['Upgrade with a request behind it', head('GET /posts', UPGRADE) + head('PUT /posts', CLOSE), [200, 405]],
    [
      'Upgrade with a body and a request behind it',
      `${head('POST /posts', `authorization: Ann\r\ncontent-length: 2\r\n${UPGRADE}`)}{}${head('PUT /posts', CLOSE)}`,
      [422, 405],
    ],
    ['Upgrade and broken chunks', `${head('POST /posts', CHUNKED + UPGRADE)}zz\r\n`, [400], /chunk size/],
    ['Upgrade behind another', head('GET /posts') + head('GET /posts', UPGRADE + CLOSE), [200, 200]],
    ['Upgrade to two Hosts', head('GET /posts', `host: y\r\n${UPGRADE}${CLOSE}`), [400], /Host/],
    ['HTTP/1.0, which has no Host', 'GET /posts HTTP/1.0\r\n\r\n', [200]],
  ];
  for (const [what, bytes, statuses, detail] of rows) {
    it(what, async () => {
      const { answers, closed, rest } = await talk(url, [bytes]);
      assert.deepEqual([answers.map(({ status }) => status), rest, closed], [statuses, '', true]);
      for (const answer of answers) await assertOurs(answer);
      if (detail) assert.match(answers.at(-1)?.text ?? '', detail);
    });
  }
});

it('a request that ends within its head gets 400, one that ends within its body has left', async () => {
  const inHead = await talk(url, ['GET /posts HTTP/1.1\r\nho'], { end: 'half' });
  assert.deepEqual([inHead.answers.map(({ status }) => status), inHead.closed], [[400], true]);
  for (const answer of inHead.answers) await assertOurs(answer);
  const body = head('POST /posts', 'authorization: Ann\r\ncontent-length: 9\r\n');
  assert.deepEqual(await talk(url, [`${body}{`], { end: 'half' }), {
    answers: [],
    continues: 0,
    rest: '',
    closed: true,
  });
});

it('an answer under way is never written into: what comes after it waits', async () => {
  for (const [bytes, status] of [
    ['garbage\r\n\r\n', 400],
    [head('CONNECT example.com:443'), 405],
    [head('GET /posts?limit=0', UPGRADE + CLOSE), 422],
  ] as const) {
    const [arrived, held] = [gate(), gate()];
    dynamo.decide = async (): Promise<Verdict> => {
      arrived.open();
      await held.opened;
      return 'pass';
    };
    // Each packet that is not HTTP is an error of its own.
    const more = arrived.opened.then(() => (status === 400 ? 'more' : ''));
    const talking = talk(url, [head(`GET /posts/${randomUUID()}`) + bytes, more]);
    await arrived.opened;
    // A request on another connection is answered later than this one was read.
    assert.equal((await fetch(new URL('/health', url))).status, 200);
    held.open();
    const { answers, closed, rest } = await talking;
    assert.deepEqual([answers.map((answer) => answer.status), rest, closed], [[404, status], '', true]);
    for (const answer of answers) await assertOurs(answer);
  }
  dynamo.decide = () => 'pass';
});

it('a body that breaks after its request was answered gets no second answer', async () => {
  const parts = [head('POST /posts', 'transfer-encoding: chunked\r\n'), 'zz\r\n', 'zz\r\n'];
  const { answers, closed, rest } = await talk(url, parts);
  // Both came in one packet, or they did not.
  assert.equal(answers.length, 1);
  assert.match(String(answers[0]?.status), /^40[01]$/);
  assert.deepEqual([rest, closed], ['', true]);
});

it('a refusal can be read by who sends all there is to send first', async () => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  // Nothing is read before it is asked for: a connection that is cut takes the answer with it.
  socket.pause();
  socket.write(`${head('GET /posts').slice(0, -2)}a: `);
  // Larger than a first read: bytes are on their way when the answer is.
  for (let i = 0; i < 64; i++) await new Promise((sent) => socket.write('x'.repeat(16 * 1024), sent));
  let answer = '';
  for await (const text of socket.setEncoding('utf8')) answer += text;
  assert.match(answer, /^HTTP\/1\.1 431 /);
});

it('a body that is kept back is asked for only when it is wanted', async () => {
  const expect = 'expect: 100-continue\r\ncontent-length: 2\r\n';
  const refused = await talk(url, [head('POST /posts', expect)]);
  assert.deepEqual([refused.answers.map(({ status }) => status), refused.closed], [[401], true]);
  assert.equal(refused.continues, 0);
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).setEncoding('utf8');
  socket.write(head('POST /posts', `authorization: Ann\r\n${expect}`));
  const [asked] = await once(socket, 'data');
  assert.equal(asked, 'HTTP/1.1 100 Continue\r\n\r\n');
  socket.write('{}');
  const [answer] = await once(socket, 'data');
  assert.match(String(answer), /^HTTP\/1\.1 422 /);
  socket.destroy();
});

it('a client that breaks off CONNECT or Upgrade behind an answer under way harms nobody', async () => {
  const { hostname, port } = new URL(url);
  for (const bytes of [head('CONNECT example.com:443'), head('GET /posts', UPGRADE)]) {
    const [arrived, held] = [gate(), gate()];
    dynamo.decide = async (): Promise<Verdict> => {
      arrived.open();
      await held.opened;
      return 'pass';
    };
    const socket = connect(Number(port), hostname);
    socket.write(head('GET /posts') + bytes);
    await arrived.opened;
    socket.resetAndDestroy();
    held.open();
    dynamo.decide = () => 'pass';
    assert.equal((await fetch(new URL('/posts', url))).status, 200);
  }
});

/** A server of one route, in this process. @returns its URL */
async function serve(t: TestContext, log: AnswerOptions['log'], options: ServerOptions = {}) {
  const routes: Routes = { 'POST /body': async (call) => ({ body: await call.json() }) };
  const server = createServer(
    { ...options, requireHostHeader: false },
    createRouter(routes, { cors: ['https://pages.example'], log }),
  );
  answerEdges(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  // A server that listens on TCP has an AddressInfo.
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

it('a client that never closes its side is cut off', async (t) => {
  const { server, url: own } = await serve(t, () => {});
  const { hostname, port } = new URL(own);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  socket.resume().write('garbage\r\n\r\n');
  await once(socket, 'end');
  await eventually(async () => assert.equal(await promisify(server.getConnections.bind(server))(), 0));
  socket.destroy();
});

it('Upgrade can be asked for again and again on one connection', async () => {
  const asked = head('GET /posts?limit=0', UPGRADE);
  const { answers } = await talk(url, [asked.repeat(15) + head('GET /posts?limit=0', CLOSE)]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    Array.from({ length: 16 }, () => 422),
  );
  assert.doesNotMatch(stderr(), /MaxListeners/);
});

describe('a request that takes too long to arrive gets 408:', () => {
  for (const [what, bytes] of [
    ['its head', 'GET /body HTTP/1.1\r\nhost: x\r\na'],
    ['its body', head('POST /body', 'content-length: 9\r\n')],
  ] as const) {
    it(what, async (t) => {
      const lines: RequestLine[] = [];
      const { url: own } = await serve(t, (line) => void ('status' in line && lines.push(line)), {
        headersTimeout: 100,
        requestTimeout: 100,
        connectionsCheckingInterval: 20,
      });
      const { answers, closed } = await talk(own, [bytes]);
      assert.deepEqual([answers.map(({ status }) => status), closed], [[408], true]);
      const [answer] = answers;
      assert.equal(answer?.headers.get('content-type'), 'application/problem+json; charset=utf-8');
      // Which origin asks, may be among what did not come.
      assert.equal(answer?.headers.get('vary'), 'Origin');
      assert.deepEqual(
        lines.map(({ id, status }) => [id, status]),
        [[answer?.headers.get('x-request-id'), 408]],
      );
    });
  }
});
