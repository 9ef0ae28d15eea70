// Needs nothing but HTTP: POSTAGRAM_URL=http://… checks a service that runs already.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { after, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createdIn, postsIn, problemIn } from '../support/shapes.ts';
import { openService } from '../support/service.ts';

const { call, url } = await openService({ after });
const user = `user ${randomUUID()}`;

/** A post whose JSON has exactly this many bytes. */
function draftOf(bytes: number): Buffer {
  const empty = Buffer.byteLength(JSON.stringify({ title: 't', body: '' }));
  return Buffer.from(JSON.stringify({ title: 't', body: 'x'.repeat(bytes - empty) }));
}

/** POSTs with node:http, which unlike fetch writes on while the answer comes: what curl and axios do. */
function post(chunks: Buffer[], headers: Record<string, string | number>) {
  return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const sending = request(new URL('/posts', url), {
      method: 'POST',
      headers: { authorization: user, ...headers },
    });
    sending.on('error', reject).on('response', async (response) => {
      let text = '';
      try {
        for await (const chunk of response.setEncoding('utf8')) text += chunk;
        resolve({ status: response.statusCode, text });
      } catch (error) {
        reject(error);
      }
    });
    for (const chunk of chunks) sending.write(chunk);
    sending.end();
  });
}

describe('a body of', () => {
  it('64 KiB is stored whole', async () => {
    const created = createdIn(await call('POST', '/posts', { user, body: draftOf(64 * 1024) }));
    assert.equal(created.body, 'x'.repeat(created.body.length));
    const [stored] = postsIn(await call('GET', `/posts?user=${user}`));
    assert.equal(stored?.body, created.body);
  });

  for (const [what, bytes] of [
    ['one byte more', 64 * 1024 + 1],
    ['70 KB', 70_000],
    ['3 MiB', 3 * 1024 * 1024],
  ] as const) {
    it(`${what} gets 413, which its sender can read`, async () => {
      problemIn(await call('POST', '/posts', { user, body: draftOf(bytes) }), 413);
      const body = draftOf(bytes);
      const known = await post([body], { 'content-length': body.length });
      assert.equal(known.status, 413);
      const halves = [body.subarray(0, bytes / 2), body.subarray(bytes / 2)];
      const chunked = await post(halves, { 'transfer-encoding': 'chunked' });
      assert.equal(chunked.status, 413);
      const { detail } = JSON.parse(chunked.text) as { detail: string };
      assert.match(detail, /65,?536|64 KiB/);
    });
  }

  it('3 MiB gets an answer that is read after all of it was sent, as many clients do', async () => {
    const body = draftOf(3 * 1024 * 1024);
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port || 80), hostname);
    await once(socket, 'connect');
    const head = `POST /posts HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: ${user}\r\n`;
    socket.write(`${head}content-length: ${body.length}\r\n\r\n`);
    for (let at = 0; at < body.length; at += 32 * 1024) {
      const chunk = body.subarray(at, at + 32 * 1024);
      await new Promise((resolve) => socket.write(chunk, resolve));
      // Gives the server the time to do something else with it.
      await setImmediate();
    }
    let answer = '';
    for await (const text of socket.setEncoding('utf8')) answer += text;
    assert.match(answer, /^HTTP\/1\.1 413 /);
    assert.match(answer, /\r\nconnection: close\r\n/i);
  });

  it('without end does not keep the server reading for ever', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const sending = request(new URL('/posts', url), { method: 'POST', headers: { authorization: user } });
    // The server may answer first, and then closes: either way it reads no more.
    const ended = new Promise<number>((resolve) => {
      let sent = 0;
      const write = () => {
        sent += chunk.length;
        if (!sending.destroyed) sending.write(chunk, write);
      };
      sending.on('error', () => resolve(sent)).on('close', () => resolve(sent));
      sending.on('response', (response) => response.resume());
      write();
    });
    const sent = await ended;
    assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes were taken`);
    assert.equal((await fetch(new URL('/health', url))).status, 200);
  });

  it('any size is no matter where there is nothing to read it', async () => {
    const body = draftOf(3 * 1024 * 1024);
    assert.equal((await post([body], { authorization: '' })).status, 401);
    problemIn(await call('PUT', '/posts', { user, body }), 405);
    problemIn(await call('POST', '/nothing', { user, body }), 404);
  });
});

it('no post came of what was refused', async () => {
  assert.equal(postsIn(await call('GET', `/posts?user=${user}`)).length, 1);
});
