import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { createRouter } from '../../router.ts';
import type { Failure } from '../../src/http/failures.ts';
import type { RequestLine } from '../../src/http/answer.ts';
import type { Routes } from '../../src/http/call.ts';
import { type Limits, LIMITS } from '../../src/http/limits.ts';
import { eventually } from '../support/eventually.ts';
import { gate } from '../support/fault-proxy.ts';
import { connect as client } from '../support/http-client.ts';

/** More than the kernel keeps between two sockets of 127.0.0.1, and still as much when it is compressed to half. */
export const PAGES = 40;
export const PAGE = [randomBytes(512 * 1024).toString('hex')];

/** A server of its own, with limits of its own. @param coding what those accept who `open` a connection */
export async function serve(t: TestContext, limits: Partial<Limits>, coding = 'identity') {
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
    'GET /json': () => ({ body: Array.from({ length: PAGES }, () => PAGE) }),
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
  const plain = client(`http://127.0.0.1:${port}`);
  return {
    /** As it is: unpacking 40 MB is not what is tested. */
    call: (method: string, path: string) =>
      plain(method, path, { headers: { 'accept-encoding': 'identity' } }),
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
      socket.write(
        requests
          .map((request) => `${request} HTTP/1.1\r\nhost: x\r\naccept-encoding: ${coding}\r\n\r\n`)
          .join(''),
      );
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
export async function textOf(socket: Socket): Promise<string> {
  let text = '';
  try {
    for await (const chunk of socket.setEncoding('latin1')) text += chunk;
  } catch {
    // Reset: what came before counts.
  }
  return text;
}

export const statusesIn = (text: string) =>
  [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));
