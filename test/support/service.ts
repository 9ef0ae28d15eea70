import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startCloud } from '../../local/cloud.ts';
import { connect } from './http-client.ts';

/** Who closes what a test started: `t` of a test, or `{ after }` of node:test for a whole file. */
export type Scope = { after(close: () => Promise<void>): void };

export type Environment = Readonly<Record<string, string | undefined>>;

type LogLine = Readonly<Record<string, unknown>>;

const SERVER = fileURLToPath(new URL('../../server.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');

/** What keeps the developer's own AWS settings, the SDK's warnings and the budgets out of the tests. */
const NEUTRAL: Environment = {
  AWS_PROFILE: undefined,
  AWS_SESSION_TOKEN: undefined,
  AWS_ENDPOINT_URL: undefined,
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  // Whatever a test sends, it sends from one address.
  POSTS_PER_MINUTE: '0',
  UPLOADS_PER_MINUTE: '0',
};

/**
 * The service that a contract test talks to: the one at POSTAGRAM_URL, which may hold other posts, or else the real
 * server over a local cloud of its own.
 */
export async function openService(scope: Scope) {
  const given = process.env.POSTAGRAM_URL;
  if (given) return { url: given, call: connect(given) };
  const { env } = await openCloud(scope, { labels: false });
  return startServer(scope, env);
}

/** A local cloud that is gone after the scope. */
export async function openCloud(scope: Scope, options: Parameters<typeof startCloud>[0] = {}) {
  const cloud = await startCloud({ retryMs: [50, 50], log: () => undefined, ...options });
  scope.after(() => cloud.close());
  return cloud;
}

/** Runs server.ts as a process of its own, with the files of the working folder `cwd` as its defaults. */
export function spawnServer(env: Environment, cwd = import.meta.dirname) {
  const child = spawn(process.execPath, ['--import', TSX, SERVER], {
    cwd,
    env: { ...process.env, ...NEUTRAL, HOST: '127.0.0.1', PORT: '0', DRAIN_SECONDS: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const logs: LogLine[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    // Pino writes one JSON object a line.
    logs.push(JSON.parse(line) as LogLine);
    for (const wake of waiting) wake();
  });
  const exited = once(child, 'close').then(([code]) => {
    for (const wake of waiting) wake();
    // The first argument of 'close' is the exit code, null after a signal.
    return code as number | null;
  });

  return {
    child,
    /** What the process wrote, one object a line. */
    logs,
    /** Resolves with the exit code, once all output is read. */
    exited,
    stderr: () => stderr,

    /** Waits for a log line, or says what the process wrote instead when it ended. */
    logged(matches: (line: LogLine) => boolean): Promise<LogLine> {
      return new Promise((resolve, reject) => {
        const look = () => {
          const line = logs.find(matches);
          if (!line && child.exitCode === null && child.signalCode === null) return;
          waiting.delete(look);
          if (line) resolve(line);
          else reject(new Error(`the server ended with ${child.exitCode}: ${stderr}`));
        };
        waiting.add(look);
        look();
      });
    },
  };
}

/** The real server over a cloud, listening on a random port. */
export async function startServer(scope: Scope, env: Environment) {
  const server = spawnServer(env);
  scope.after(async () => {
    server.child.kill('SIGINT');
    const stuck = setTimeout(() => server.child.kill('SIGKILL'), 10_000);
    await server.exited;
    clearTimeout(stuck);
  });
  const { address } = await server.logged((line) => line.msg === 'listening');
  // What net.Server.address() gives for a TCP port.
  const url = `http://127.0.0.1:${(address as { port: number }).port}`;
  return { ...server, url, call: connect(url) };
}
