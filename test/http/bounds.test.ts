import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { createRouter } from '../../router.ts';
import type { Failure } from '../../src/http/failures.ts';
import type { RequestLine } from '../../src/http/answer.ts';
import type { Routes } from '../../src/http/call.ts';
import { type Limits, LIMITS } from '../../src/http/limits.ts';
import { eventually } from '../support/eventually.ts';
import { gate } from '../support/fault-proxy.ts';
import { connect as client } from '../support/http-client.ts';
import { problemIn } from '../support/shapes.ts';

/** More than the kernel keeps between two sockets of 127.0.0.1. */
const PAGES = 40;
const PAGE = ['x'.repeat(1024 * 1024)];

/** A server of its own, with limits of its own. */
async function serve(t: TestContext, limits: Partial<Limits>) {
  const held = gate();
  const lines: (RequestLine | Failure)[] = [];
  let atWork = 0;
  let mostAtWork = 0;
  const routes: Routes = {
    'GET /health': () => ({ body: 'ok' }),
    'GET /quick': () => ({ body: 'quick' }),
    'POST /body': async (call) => ({ body: await call.json() }),
    // Its answer is held back, and half of the memory with it.
    'GET /held': async ({ memory }) => {
      mostAtWork = Math.max(mostAtWork, (atWork += 1));
      await memory.take(50);
      await held.opened;
      atWork -= 1;
      return { body: 'held' };
    },
    'GET /list': async ({ memory }) => {
      await memory.take(60);
      return { body: pages(PAGES) };
    },
    'GET /endless': () => ({ body: pages(Infinity) }),
    // One page comes at once, the others when the gate is open.
    'GET /late': () => ({ body: pages(2, held.opened) }),
    'GET /bytes': () => ({ body: Buffer.alloc(PAGES * 1024 * 1024) }),
  };
  const options = { cors: '*' as const, log: (line: RequestLine | Failure) => void lines.push(line) };
  const all = { ...LIMITS, listBytes: 100, lookMs: 20, ...limits };
  const server = createServer(createRouter(routes, { ...options, limits: all }));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(async () => {
    held.open();
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  // A server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    call: client(`http://127.0.0.1:${port}`),
    release: held.open,
    mostAtWork: () => mostAtWork,
    atWork: () => atWork,
    logged: (error: string) =>
      eventually(() =>
        assert.ok(
          lines.some((line) => line.error === error && 'status' in line),
          error,
        ),
      ),
    counted: (error: string) =>
      lines.reduce((sum, line) => sum + ('count' in line && line.error === error ? line.count : 0), 0),

    /** Sends requests on one connection, of which nothing is read before the test does. */
    async open(...requests: string[]): Promise<Socket> {
      const socket = connect(port, '127.0.0.1').pause();
      await once(socket, 'connect');
      // A connection that the server cuts is reset.
      socket.on('error', () => undefined);
      socket.write(requests.map((request) => `${request} HTTP/1.1\r\nhost: x\r\n\r\n`).join(''));
      t.after(() => void socket.destroy());
      return socket;
    },
  };
}

async function* pages(count: number, more: Promise<void> = Promise.resolve()) {
  for (let i = 0; i < count; i++) {
    yield PAGE;
    await more;
  }
}

/** Reads a connection to its end. */
async function textOf(socket: Socket): Promise<string> {
  let text = '';
  try {
    for await (const chunk of socket.setEncoding('latin1')) text += chunk;
  } catch {
    // Reset: what came before counts.
  }
  return text;
}

const statusesIn = (text: string) =>
  [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));

describe('the memory for lists', { timeout: 60_000 }, () => {
  it('is waited for, and refused with 503 and Retry-After when none comes free', async (t) => {
    const { call, release, atWork, logged, counted } = await serve(t, { listWaitMs: 50 });
    const held = [call('GET', '/held'), call('GET', '/held')];
    await eventually(() => assert.equal(atWork(), 2));
    const refused = await call('GET', '/list');
    problemIn(refused, 503);
    assert.equal(refused.headers.get('retry-after'), '2');
    await logged('ListsFull');
    assert.equal(counted('ListsFull'), 1);
    assert.equal((await call('GET', '/quick')).status, 200);
    release();
    for (const answer of await Promise.all(held)) assert.equal(answer.status, 200);
    assert.equal((await call('GET', '/list')).status, 200);
  });

  it('comes from a reader that takes nothing, and from nobody else', async (t) => {
    const { call, open, atWork, release, logged, counted } = await serve(t, { stalledMs: 0, listBytes: 110 });
    // It holds memory too, and waits for us.
    const held = call('GET', '/held');
    await eventually(() => assert.equal(atWork(), 1));
    // Its answer is as slow, and holds none.
    const other = await open('GET /bytes');
    await once(other, 'readable');
    const stalled = await open('GET /list');
    await once(stalled, 'readable');
    assert.equal((await call('GET', '/list')).status, 200);
    await logged('Evicted');
    assert.ok((await textOf(stalled)).length < PAGES * 1024 * 1024);
    release();
    assert.equal((await held).status, 200);
    assert.equal(counted('Evicted'), 1);
    assert.ok(other.readable && !other.destroyed);
    let taken = 0;
    for await (const chunk of other) if ((taken += chunk.length) > PAGES * 1024 * 1024) break;
    assert.ok(taken > PAGES * 1024 * 1024, 'nor is its answer cut off');
  });

  it('comes back from a client that leaves', async (t) => {
    const { call, open, atWork } = await serve(t, {});
    const sockets = [await open('GET /held'), await open('GET /held')];
    await eventually(() => assert.equal(atWork(), 2));
    for (const socket of sockets) socket.destroy();
    assert.equal((await call('GET', '/list')).status, 200);
  });
});

describe('a reader', { timeout: 60_000 }, () => {
  const limits = { floorMs: 300, floorBytes: 8 * 1024 * 1024, listBytes: 1000 };

  for (const path of ['/list', '/bytes']) {
    it(`that takes nothing of ${path} is closed`, async (t) => {
      const { open, logged } = await serve(t, limits);
      const socket = await open(`GET ${path}`);
      await logged('SlowReader');
      assert.ok((await textOf(socket)).length < PAGES * 1024 * 1024);
    });
  }

  it('that takes too little is closed', async (t) => {
    const { open, logged } = await serve(t, { ...limits, floorBytes: 1024 * 1024 * 1024 });
    const socket = await open('GET /endless');
    // 25 MB a second are seen to be taken, where 1 GB in 300 ms is wanted.
    const trickle = setInterval(() => socket.read(256 * 1024), 10);
    t.after(() => clearInterval(trickle));
    await logged('SlowReader');
  });

  it('that has taken all there is may wait for more, however long', async (t) => {
    const { call, open, release, logged } = await serve(t, limits);
    const late = call('GET', '/late');
    await open('GET /list');
    // As long as that takes, the other one waits too.
    await logged('SlowReader');
    release();
    assert.equal((await late).text.length, JSON.stringify([...PAGE, ...PAGE]).length);
  });
});

describe('the requests at work', { timeout: 60_000 }, () => {
  it('are so many, and one more is refused with 503 and Retry-After; /health is not', async (t) => {
    const { call, release, atWork, logged } = await serve(t, { requests: 2 });
    const held = [call('GET', '/held'), call('GET', '/held')];
    await eventually(() => assert.equal(atWork(), 2));
    const refused = await call('GET', '/quick');
    problemIn(refused, 503);
    assert.equal(refused.headers.get('retry-after'), '2');
    await logged('RequestsFull');
    assert.equal((await call('GET', '/health')).status, 200);
    release();
    for (const answer of await Promise.all(held)) assert.equal(answer.status, 200);
    assert.equal((await call('GET', '/quick')).status, 200);
  });

  it('give their place when they keep us waiting for their body', async (t) => {
    const { call, open, logged } = await serve(t, { requests: 1, stalledMs: 0 });
    const socket = await open();
    socket.write('POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{"a"');
    await eventually(async () => assert.equal((await call('GET', '/quick')).status, 200));
    await logged('Evicted');
    assert.equal(await textOf(socket), '');
  });
});

describe('the requests of a connection', { timeout: 60_000 }, () => {
  it('are answered one after the other, in their order', async (t) => {
    const { open, release, mostAtWork, atWork } = await serve(t, { queued: 3 });
    const socket = await open('GET /held', 'GET /held', 'GET /quick', 'GET /nowhere');
    await eventually(() => assert.equal(atWork(), 1));
    release();
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    socket.resume();
    await eventually(() => assert.deepEqual(statusesIn(text), [200, 200, 200, 404]));
    assert.equal(mostAtWork(), 1);
  });

  it('are so many; one more is refused with 503, and the connection ends', async (t) => {
    const { open, release, atWork, logged } = await serve(t, { queued: 2 });
    const socket = await open(...Array<string>(5).fill('GET /held'));
    await eventually(() => assert.equal(atWork(), 1));
    await logged('QueueFull');
    release();
    const text = await textOf(socket);
    assert.deepEqual(statusesIn(text), [200, 200, 200, 503]);
    assert.match(text.slice(text.lastIndexOf('HTTP/1.1')), /\r\nretry-after: 2\r\n/);
  });

  it('are not answered at all when there is no end to them', async (t) => {
    const { call, open, atWork } = await serve(t, { queued: 2 });
    const socket = await open(...Array<string>(1000).fill('GET /held'));
    assert.equal(await textOf(socket), '');
    await eventually(() => assert.equal(atWork(), 1));
    assert.equal((await call('GET', '/quick')).status, 200);
  });
});
