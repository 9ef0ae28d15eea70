import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Scope } from './service.ts';

/** A request to AWS on its way: `operation` is `Query`, `PutItem` … for DynamoDB and the method for S3. */
export type Passing = { operation: string; url: string; body: string };

/** What becomes of it: it goes on, its connection is cut, or it is answered here. */
export type Verdict = 'pass' | 'cut' | { status: number; body: string };

/**
 * Stands between the server and an AWS endpoint, to show what happens when that fails or waits.
 * `decide` may be set at any time, and gives a promise to hold a request back.
 */
export async function startFaultProxy(scope: Scope, target: string) {
  const proxy = {
    url: '',
    decide: (_passing: Passing): Verdict | Promise<Verdict> => 'pass',
  };
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { method = '', url = '/', headers } = incoming;
    const operation = String(headers['x-amz-target'] ?? method).replace(/^.*\./, '');
    const verdict = await proxy.decide({ operation, url, body: body.toString() });
    if (verdict === 'cut') return outgoing.destroy();
    if (verdict !== 'pass') {
      const type = { 'content-type': 'application/x-amz-json-1.0' };
      return outgoing.writeHead(verdict.status, type).end(verdict.body);
    }
    // The host stays the one that was signed.
    const passed = request(new URL(url, target), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    passed.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo.
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  scope.after(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  return proxy;
}

/** A promise and what resolves it. */
export function gate() {
  let open: (() => void) | undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open?.() };
}
