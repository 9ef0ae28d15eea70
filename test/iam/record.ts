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
 * @returns `endpoint`: for `AWS_ENDPOINT_URL_…`; `uses()`: what was asked so far, each once, by all or by the owner of one
 *   access key; `close()`
 */
export async function recordIamActions(target: string, place: Place) {
  const seen = new Map<string, { key: string; use: Use }>();
  const unknown: unknown[] = [];

  async function pass(request: IncomingMessage, response: ServerResponse) {
    const body = await buffer(request);
    const { method = '', url = '', headers } = request;
    const key = accessKeyOf(url, headers.authorization);
    const onward = connect(new URL(url, target), { method, headers });
    onward.end(body);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    const { statusCode: status = 0 } = answer;
    // A browser's preflight asks S3's CORS rules, not IAM.
    if (method !== 'OPTIONS')
      try {
        for (const use of usesOf({ method, url, headers, body: body.toString(), status }, place))
          seen.set(`${key} ${use.action} ${use.resource}`, { key, use });
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
    uses(accessKey?: string): Use[] {
      if (unknown.length > 0) throw new AggregateError(unknown, String(unknown[0]));
      const asked = [...seen.values()].filter(({ key }) => accessKey === undefined || key === accessKey);
      return [...new Map(asked.map(({ use }) => [`${use.action} ${use.resource}`, use])).values()];
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Of the signature, in the header or in the query. */
function accessKeyOf(url: string, authorization = ''): string {
  const { searchParams } = new URL(url, 'http://localhost');
  const credential =
    /Credential=([^,]+)/.exec(authorization)?.[1] ?? searchParams.get('X-Amz-Credential') ?? '';
  return credential.split('/')[0] ?? '';
}
