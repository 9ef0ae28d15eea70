import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, describe, it } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { gate, startFaultProxy, type Verdict } from '../support/fault-proxy.ts';
import { writePosts } from '../support/many-posts.ts';
import { openCloud, startServer } from '../support/service.ts';
import { createdIn, postsIn } from '../support/shapes.ts';

const { env } = await openCloud({ after }, { labels: false });
const dynamo = await startFaultProxy({ after }, env.AWS_ENDPOINT_URL_DYNAMODB ?? '');
const { call, child, logs, logged, url } = await startServer(
  { after },
  { ...env, AWS_ENDPOINT_URL_DYNAMODB: dynamo.url },
);
const { port, hostname } = new URL(url);
const open = async () => {
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
};
const lives = async () => {
  assert.equal((await call('GET', '/health')).status, 200);
  assert.equal(child.exitCode, null);
};

describe('a client that leaves', () => {
  it('amid its body does no harm, and is logged as one that left, not as a failure', async () => {
    const user = `leaves-${randomUUID()}`;
    const socket = await open();
    const head = `POST /posts HTTP/1.1\r\nhost: x\r\nauthorization: ${user}\r\ncontent-length: 1000\r\n\r\n`;
    socket.write(`${head}{"title": "half`);
    await eventually(() => assert.equal(socket.bytesWritten > head.length, true));
    const before = logs.length;
    socket.destroy();
    const line = await logged((found) => logs.indexOf(found) >= before && found.aborted === true);
    assert.equal(line.route, '/posts');
    assert.equal(line.error, undefined);
    assert.deepEqual(postsIn(await call('GET', `/posts?user=${user}`)), []);
    await lives();
  });

  it('amid its answer does no harm', async (t) => {
    await writePosts(env, { user: 'Many', count: 90, bytes: 60_000 });
    const before = logs.length;
    const left = gate();
    let pages = 0;
    // The answer cannot be whole before its reader has left.
    dynamo.decide = async (): Promise<Verdict> => {
      pages += 1;
      if (pages > 2) await left.opened;
      return 'pass';
    };
    t.after(() => void (dynamo.decide = () => 'pass'));
    const controller = new AbortController();
    const response = await fetch(new URL('/posts?user=Many', url), { signal: controller.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    controller.abort();
    await assert.rejects(async () => reader?.read());
    left.open();
    const line = await logged(
      (found) => logs.indexOf(found) >= before && found.id === response.headers.get('x-request-id'),
    );
    assert.equal(line.aborted, true);
    assert.equal(line.error, undefined);
    await lives();
  });

  it('after half a request line, or with what is not HTTP, does no harm', async () => {
    for (const text of [
      'GET /po',
      'GET / HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n',
      '\u0016\u0003\u0001\u0000',
    ]) {
      const socket = await open();
      socket.write(text);
      if (text.startsWith('GET /po')) socket.end();
      socket.resume();
      await once(socket, 'close');
    }
    await lives();
  });
});

describe('a client that is slow', () => {
  it('may send its body byte by byte', async () => {
    const user = `slow-${randomUUID()}`;
    const body = JSON.stringify({ title: 'slow', body: 'but sure: é' });
    const socket = await open();
    const length = Buffer.byteLength(body);
    socket.write(`POST /posts HTTP/1.1\r\nhost: x\r\nauthorization: ${user}\r\nconnection: close\r\n`);
    socket.write(`content-length: ${length}\r\n\r\n`);
    // Cuts the é in two.
    for (const byte of Buffer.from(body)) {
      await new Promise((resolve) => socket.write(Buffer.from([byte]), resolve));
      await new Promise((resolve) => setImmediate(resolve));
    }
    let answer = '';
    for await (const chunk of socket.setEncoding('utf8')) answer += chunk;
    assert.match(answer, /^HTTP\/1\.1 201 /);
    const [stored] = postsIn(await call('GET', `/posts?user=${user}`));
    assert.equal(stored?.body, 'but sure: é');
  });

  it('does not hold up the others', async () => {
    // They read nothing of a list that does not fit into the buffers between.
    const idle = await Promise.all(Array.from({ length: 10 }, open));
    for (const socket of idle) {
      socket.pause();
      socket.write('GET /posts HTTP/1.1\r\nhost: x\r\n\r\n');
    }
    for (let i = 0; i < 5; i++) {
      createdIn(await call('POST', '/posts', { user: 'Bob', body: { title: 't', body: 'b' } }));
    }
    await lives();
    for (const socket of idle) socket.destroy();
    await lives();
  });
});
