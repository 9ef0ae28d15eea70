import { once } from 'node:events';
import { createServer, request as connect } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

import { usesOf } from './uses.ts';
import type { Place, Use } from './uses.ts';

/**
 * Stands between the product and one endpoint of an emulator, and notes what IAM would have been asked. Requests pass
 * unchanged, with the host name they were signed for.
 *
 * @param target the emulator's endpoint, such as `http://127.0.0.1:4566`
 * @returns `endpoint`: for `AWS_ENDPOINT_URL_…`; `uses()`: what was asked so far, each once; `close()`
 */
export async function recordIamActions(target: string, place: Place) {
  const seen = new Map<string, Use>();
  const unknown: unknown[] = [];

  async function pass(request: IncomingMessage, response: ServerResponse) {
    const body = await buffer(request);
    const { method = '', url = '', headers } = request;
    const onward = connect(new URL(url, target), { method, headers });
    onward.end(body);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    const { statusCode: status = 0 } = answer;
    // A browser's preflight asks S3's CORS rules, not IAM.
    if (method !== 'OPTIONS')
      try {
        for (const use of usesOf({ method, url, headers, body: body.toString(), status }, place))
          seen.set(`${use.action} ${use.resource}`, use);
      } catch (error) {
        unknown.push(error);
      }
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    await pipeline(answer, response);
  }

  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is not a string.
  const { port } = server.address() as AddressInfo;

  return {
    endpoint: `http://127.0.0.1:${port}`,
    /** @throws AggregateError when a request could not be put into IAM's words */
    uses(): Use[] {
      if (unknown.length > 0) throw new AggregateError(unknown, String(unknown[0]));
      return [...seen.values()];
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
