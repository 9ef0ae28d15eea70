/** Stands between the server and a service of AWS, and lets through what it is told to. */
import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What becomes of a request: it goes on, at once or so many ms later; it is never answered; it is told to slow down, as
 * DynamoDB says it.
 */
export type Treatment = 'pass' | { delayMs: number } | 'silence' | 'throttle';

export type Gate = Awaited<ReturnType<typeof openGate>>;

const THROTTLED = JSON.stringify({
  __type: 'com.amazonaws.dynamodb.v20120810#ThrottlingException',
  message: 'Rate exceeded',
});

const passAll = (): Treatment => 'pass';

/** @param target URL of the service behind it */
export async function openGate(target: string) {
  const { hostname, port } = new URL(target);
  const agent = new Agent({ keepAlive: true });
  let treat = passAll;
  let asked = 0;
  const server = createServer((question, answer) => {
    asked += 1;
    void pass(question, answer, treat());
  });
  server.keepAliveTimeout = 600_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo, never a pipe's name.
  const at = (server.address() as AddressInfo).port;

  return {
    url: `http://127.0.0.1:${at}`,
    /** Requests that came so far. */
    asked: () => asked,
    /** @param next says of each request what becomes of it */
    set(next: () => Treatment) {
      treat = next;
    },
    /** Ends all connections and refuses new ones. */
    async refuse() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
    /** Takes connections again. */
    async accept() {
      server.listen(at, '127.0.0.1');
      await once(server, 'listening');
    },
    close() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };

  async function pass(question: IncomingMessage, answer: ServerResponse, treatment: Treatment) {
    if (treatment === 'silence') return void question.resume();
    if (treatment === 'throttle') {
      question.resume();
      return void answer.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(THROTTLED);
    }
    if (treatment !== 'pass') await sleep(treatment.delayMs);
    const { method, url, headers } = question;
    // The host stays the one that was signed.
    const passed = request({ hostname, port, agent, method, path: url, headers }, (found) => {
      answer.writeHead(found.statusCode ?? 502, found.headers);
      found.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    question.pipe(passed);
  }
}
