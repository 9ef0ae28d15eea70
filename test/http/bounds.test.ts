import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { problemIn } from '../support/shapes.ts';
import { PAGE, PAGES, serve, statusesIn, textOf } from './bounded-server.ts';

const CODINGS = ['identity', 'gzip', 'br'];

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

  for (const coding of CODINGS) {
    it(`comes from a reader that takes nothing (${coding}), and from nobody else`, async (t) => {
      const { call, open, atWork, release, logged, counted } = await serve(
        t,
        { stalledMs: 0, listBytes: 110 },
        coding,
      );
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
  }

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

  for (const coding of CODINGS) {
    for (const path of ['/list', '/json', '/bytes']) {
      it(`that takes nothing of ${path} (${coding}) is closed`, async (t) => {
        const { open, logged } = await serve(t, limits, coding);
        const socket = await open(`GET ${path}`);
        await logged('SlowReader');
        assert.ok((await textOf(socket)).length < (PAGES * 1024 * 1024) / 2);
      });
    }

    it(`that takes too little (${coding}) is closed`, async (t) => {
      const { open, logged } = await serve(t, { ...limits, floorBytes: 1024 * 1024 * 1024 }, coding);
      const socket = await open('GET /endless');
      // 1.6 MB a second are seen to be taken, less than is compressed; 1 GB in 300 ms is wanted.
      const trickle = setInterval(() => socket.read(16 * 1024), 10);
      t.after(() => clearInterval(trickle));
      await logged('SlowReader');
    });
  }

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
