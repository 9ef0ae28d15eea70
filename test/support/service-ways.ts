import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openServices, serve } from '../../local/services.ts';
import { type Payload, startApiGateway } from './api-gateway.ts';
import { connect } from './http-client.ts';
import { openCloud, type Scope } from './service.ts';

/**
 * A service of services/ over a local cloud of its own, its entry files imported unchanged: by node:http as `npm start`
 * serves it, and behind API Gateway as it is deployed. They share tables and buckets. One test file is one process: the
 * entry files read their environment when they are imported.
 * @param env variables of the service that are not its own tables, buckets and secrets
 */
export async function openServiceWays(
  scope: Scope,
  name: string,
  options: Parameters<typeof openCloud>[1] & { env?: Record<string, string> } = {},
) {
  const { env = {}, ...rest } = options;
  const services = await openServices([name]);
  const cloud = await openCloud(scope, { labels: false, ...services.needs, ...rest });
  for (const variable of ['AWS_PROFILE', 'AWS_SESSION_TOKEN']) delete process.env[variable];
  Object.assign(process.env, { LOG_LEVEL: 'silent', ...env }, cloud.env);
  const mounts = await services.start(cloud, cloud.dataDir);

  // As server.ts, whose server it is on a laptop.
  const server = createServer({ joinDuplicateHeaders: true }, (request, response) => {
    if (!serve(mounts, request, response)) response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.after(async () => {
    server.closeAllConnections();
    server.close();
  });
  // A server that listens on TCP has an AddressInfo.
  const local = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const stage = mounts.find((mount) => mount.stage !== undefined)?.stage?.slice(1);
  const find = (path: string) =>
    mounts.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`))?.entry.handler;
  const gateway = (payload: Payload) => startApiGateway(scope, { payload, stage, find });
  const urls = {
    'node:http': local,
    'a REST API': await gateway('1.0'),
    'an HTTP API': await gateway('2.0'),
  };
  const ways = Object.entries(urls).map(([way, url]) => ({ way, url, call: connect(url) }));
  return { cloud, ways, url: local, call: connect(local) };
}
