/**
 * `npm start`: Postagram whole on this machine; `npm start -- NAME…`: the named services beside it (local/services.ts);
 * `npm start -- --accounts`: callers sign in (local/identity), at ACCOUNTS_PORT or 8090; `npm start -- --demo`: with photos to look at
 * (local/demo). The cloud (DynamoDB, S3, labels) runs in this process with its data in
 * `.local/`; server.ts and labeler.ts are imported unchanged and find it by the variables that would lead to AWS.
 * LOCAL_DATA_DIR names another data folder; PORT, HOST and the rest are server.ts's, `.env` included. On a terminal the log is
 * for a person to read (local/terminal-log.ts); anywhere else it is what server.ts writes.
 */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { startCloud } from './cloud.ts';
import type { ObjectCreatedHandler } from './events/events.ts';
import { relabelMissing } from './missing.ts';
import { FriendlyError } from './settings.ts';
import { makeLogReadable } from './terminal-log.ts';
import { ensureWebapp } from '../webapp/build.ts';

/** How long requests at work may take to end after Ctrl-C, milliseconds. */
const LAST_REQUESTS_MS = 3000;

try {
  await start();
} catch (error) {
  console.error(error instanceof FriendlyError ? error.message : error);
  process.exit(1);
}

async function start() {
  readEnvironment();
  // Before anything makes a log: pino writes to what standard output is then.
  if (process.stdout.isTTY) makeLogReadable(process.stdout);
  const dataDir = process.env.LOCAL_DATA_DIR ?? '.local';
  const { names, accounts: withAccounts, demo } = readArguments();
  // Postagram alone starts without what services need.
  const beside = names.length > 0 ? await import('./services.ts') : undefined;
  const services = await beside?.openServices(names);
  // Takes a second or two when the sources have changed, in a process of its own: the cloud starts meanwhile.
  const webapp = ensureWebapp();
  webapp.catch(() => {}); // reported where it is awaited
  const cloud = await startCloud({
    dataDir,
    corsOrigins: (process.env.CORS_ORIGINS ?? '*').split(','),
    ...services?.needs,
  });
  Object.assign(process.env, cloud.env);
  await checkPort(Number(process.env.PORT ?? 8080), process.env.HOST ?? '127.0.0.1');

  const accounts = withAccounts ? await startAccounts(dataDir) : undefined;

  await webapp;

  const labeler: { handler: ObjectCreatedHandler } = await import('../labeler.ts');
  cloud.onObjectCreated(labeler.handler);
  const { server } = await import('../server.ts');
  if (!server.listening) await once(server, 'listening');
  if (services) beside?.serveBefore(server, await services.start(cloud, dataDir));

  // Not waited for: those posts show their labels meanwhile.
  relabelMissing(cloud.env, labeler.handler).catch((error: unknown) => console.error(error));

  process.once('SIGINT', () => setTimeout(() => server.closeAllConnections(), LAST_REQUESTS_MS).unref());
  server.once('close', () => void cloud.close().finally(() => process.exit(0)));
  if (accounts) server.once('close', () => void accounts.close());
  // A server that listens on TCP has an AddressInfo; only pipes have a string.
  const listening = server.address() as AddressInfo;
  const { port } = listening;
  const url = `http://localhost:${port}`;
  console.log(
    `${accounts?.welcome(url) ?? welcome(url, dataDir)}${services ? `\n${services.welcome(url)}` : ''}`,
  );
  if (demo) void showDemo(listening);
}

/** @throws FriendlyError for an option that there is not, and for two that do not go together */
function readArguments() {
  const { names, accounts, demo } = parseArguments();
  if (demo && (accounts || process.env.IDENTITY === 'jwt'))
    throw new FriendlyError(
      '--demo posts under plain names, which are not taken with --accounts or IDENTITY=jwt',
    );
  return { names, accounts, demo };
}

function parseArguments() {
  try {
    const flag = { type: 'boolean', default: false } as const;
    const options = { accounts: flag, demo: flag };
    const { positionals, values } = parseArgs({ options, allowPositionals: true });
    return { names: positionals, ...values };
  } catch (cause) {
    throw new FriendlyError(`${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Not waited for by the start: the posts show up one after the other. */
async function showDemo({ address, family, port }: AddressInfo) {
  const { addDemo } = await import('./demo/demo.ts');
  const name = family === 'IPv6' ? `[${address}]` : address;
  const host = ['[::]', '0.0.0.0'].includes(name) ? 'localhost' : name;
  try {
    const sent = await addDemo(`http://${host}:${port}`);
    console.log(sent === 0 ? 'The demo is there already.' : `The demo: ${sent} photos sent.`);
  } catch (error) {
    console.error(`The demo stopped: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Sign-in, and the variables that make the server ask for it. What `npm start` alone does without is loaded here only. */
async function startAccounts(dataDir: string) {
  const { startIdentity } = await import('./identity/identity.ts');
  const port = Number(process.env.ACCOUNTS_PORT ?? 8090);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new FriendlyError('ACCOUNTS_PORT: must be a whole number from 0 to 65535');
  const identity = await startIdentity({ dataDir, port });
  Object.assign(process.env, identity.env);
  return identity;
}

/** `.env` as the server reads it, but nothing that would lead an SDK past the local cloud. */
function readEnvironment() {
  for (const file of ['.env.local', '.env']) if (existsSync(file)) process.loadEnvFile(file);
  const elsewhere = ['AWS_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'];
  const otherHosts = ['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT'];
  for (const name of [...elsewhere, ...otherHosts]) delete process.env[name];
  // The pinned versions of the SDK run on Node 20; its advice to upgrade would be the first thing one reads.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  process.env.HOST ??= '127.0.0.1';
  // No load balancer has to notice that this server goes.
  process.env.DRAIN_SECONDS ??= '0';
  // Nobody but its user calls it.
  process.env.POSTS_PER_MINUTE ??= '0';
  process.env.UPLOADS_PER_MINUTE ??= '0';
}

/** @throws FriendlyError when somebody else listens there */
async function checkPort(port: number, host: string) {
  // Not a port at all: server.ts names the variable.
  if (!Number.isInteger(port) || port < 0 || port > 65_535) return;
  const probe = createServer();
  try {
    probe.listen(port, host);
    await once(probe, 'listening');
  } catch (cause) {
    const taken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
    const reason = taken ? 'is taken' : `cannot be listened on (${String(cause)})`;
    throw new FriendlyError(`Port ${port} ${reason}. Choose another: PORT=8081 npm start`, { cause });
  } finally {
    probe.close();
  }
}

function welcome(url: string, dataDir: string): string {
  return `
Postagram is at ${url} (data in ${dataDir}, Ctrl-C stops it). Try it from another terminal:

  curl ${url}/posts -H 'authorization: ada' -H 'content-type: application/json' -d '{"title":"Hello","body":"My first post"}'
  curl '${url}/posts?user=ada'
`;
}
