import { createServer } from 'node:http';
import { join } from 'node:path';
import { createRouter } from './router.ts';
import { createDynamo, createS3 } from './src/aws/clients.ts';
import { isUnavailable } from './src/aws/unavailable.ts';
import { createBudget } from './src/http/budget.ts';
import type { Routes } from './src/http/call.ts';
import { answerEdges } from './src/http/edge.ts';
import { openApiRoute } from './src/http/openapi-route.ts';
import { configuredIdentity, signInOf, signInOrigins } from './src/identity/configured.ts';
import { serverConfig } from './src/runtime/config.ts';
import { drainOnSignal } from './src/runtime/drain.ts';
import { createLog, logRequests } from './src/runtime/request-log.ts';
import { createRenditionStore } from './src/renditions/rendition-store.ts';
import { createImageStore } from './src/aws/image-store.ts';
import { postRoutes } from './src/posts/routes.ts';
import { createPostStore } from './src/posts/store.ts';
import { bucketUrlOf, createPresigner } from './src/aws/presign.ts';
import { createSite } from './src/site.ts';
import { exitWith, orExit } from './src/runtime/start-up.ts';

const config = orExit(serverConfig);
const log = createLog(config.LOG_LEVEL);

const s3 = createS3(config.AWS_REGION);
const dynamo = createDynamo(config.AWS_REGION);

const identity = orExit(() => configuredIdentity(config));
const routes: Routes = {
  ...postRoutes({
    posts: createPostStore(dynamo, config.DYNAMO_TABLE),
    images: createImageStore(s3, config.BUCKET),
    renditions: createRenditionStore(s3, config.RENDITIONS_BUCKET),
    presigners: {
      uploads: createPresigner(s3, config.BUCKET),
      renditions: createPresigner(s3, config.RENDITIONS_BUCKET),
    },
    identity,
    budgets: {
      posts: createBudget('posts', config.POSTS_PER_MINUTE),
      uploads: createBudget('uploads', config.UPLOADS_PER_MINUTE),
    },
  }),
  'GET /config': () => ({ body: signInOf(config) }),
  'GET /health': () =>
    drain.draining ? { status: 503, body: { status: 'draining' } } : { body: { status: 'ok' } },
  'GET /openapi.json': openApiRoute(async () =>
    (await import('./src/posts/openapi.ts')).describePosts(routes, identity),
  ),
};

const site = createSite({
  root: config.WEB_ROOT ?? join(import.meta.dirname, 'webapp/dist'),
  uploadOrigin: (await bucketUrlOf(s3, config.BUCKET)).origin,
  photoOrigin: (await bucketUrlOf(s3, config.RENDITIONS_BUCKET)).origin,
  signInOrigins: signInOrigins(config),
  routes,
  publicUrl: config.PUBLIC_URL,
});

/** Listens once this module is imported; closes by itself on SIGTERM and SIGINT. */
export const server = createServer(
  {
    // Longer than the load balancer's idle timeout of 60 s: it must never meet a connection that just closed.
    keepAliveTimeout: 65_000,
    headersTimeout: 66_000,
    requestTimeout: 70_000,
    // The router looks for it.
    requireHostHeader: false,
    // As API Gateway does: the second of two tokens must not go unseen.
    joinDuplicateHeaders: true,
  },
  createRouter(routes, {
    cors: config.CORS_ORIGINS,
    fallback: site,
    proxies: config.TRUSTED_PROXIES,
    isUnavailable,
    log: logRequests(log),
  }),
);
answerEdges(server);
// A connection on which nothing moves at all; slow readers are closed sooner (src/http/in-flight.ts).
server.setTimeout(60_000);

server.on('error', exitWith);

const drain = drainOnSignal(server, { seconds: config.DRAIN_SECONDS, log });

server.listen(config.PORT, config.HOST, () => log.info({ address: server.address() }, 'listening'));
