import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** What a receiver answers. */
export type Answer = { status: number; headers?: Record<string, string> };
/** A callback whose signatures are right. `id` is its `webhook-id`. */
export type Received = { id: string; body: unknown; headers: IncomingHttpHeaders };

/**
 * A receiver that verifies each callback before it answers what the test says; one whose signature is wrong is answered 401.
 * @param secrets that must have signed, each of them
 */
export async function startReceiver(
  scope: { after: (close: () => void) => void },
  secrets: readonly string[],
  answer: (received: Received) => Answer | Promise<Answer>,
) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    // Node gives single headers as texts.
    const headers = request.headers as Record<string, string>;
    try {
      for (const secret of secrets) new Webhook(secret).verify(text, headers);
    } catch {
      return response.writeHead(401).end();
    }
    const one = { id: headers['webhook-id'] ?? '', body: JSON.parse(text) as unknown, headers };
    received.push(one);
    const { status, headers: more } = await answer(one);
    response.writeHead(status, more).end('thanks');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.after(() => {
    server.closeAllConnections();
    server.close();
  });
  // A server that listens on TCP has an AddressInfo.
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}
