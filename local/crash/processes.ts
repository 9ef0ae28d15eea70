import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export type Environment = Readonly<Record<string, string>>;
export type Victim = 'server' | 'storage';

/** The slowest start that is waited for, milliseconds. */
const START_MS = 180_000;

/**
 * Server and storage, each a process of its own on a port that it keeps over its restarts.
 * @throws Error with what a process wrote, when it does not start, or ends though nobody killed it
 */
export async function startBoth(dataDir: string) {
  const first = await startChild('local/crash/storage.ts', { LOCAL_DATA_DIR: dataDir });
  // What storage.ts prints.
  const env = JSON.parse(first.line) as Environment;
  const storage = () => startChild('local/crash/storage.ts', { ...env, LOCAL_DATA_DIR: dataDir });
  const listening = await startChild('server.ts', { ...env, ...SERVER, PORT: '0' });
  // Pino's line about listening.
  const { address } = JSON.parse(listening.line) as { address: { port: number } };
  const server = () => startChild('server.ts', { ...env, ...SERVER, PORT: String(address.port) });

  const starts = { server, storage };
  const running = { server: listening, storage: first };
  let kills = 0;

  return {
    env,
    url: `http://127.0.0.1:${address.port}`,
    /** How often a process was killed: who saw it change was cut off. */
    kills: () => kills,

    /** SIGKILL, and a new start on the same data. */
    async killAndRestart(victims: readonly Victim[]): Promise<void> {
      kills++;
      await Promise.all(victims.map((victim) => running[victim].end('SIGKILL')));
      await Promise.all(victims.map(async (victim) => (running[victim] = await starts[victim]())));
      kills++;
    },

    async close(): Promise<void> {
      await running.server.end('SIGINT');
      await running.storage.end('SIGKILL');
    },
  };
}

const SERVER = {
  HOST: '127.0.0.1',
  LOG_LEVEL: 'info',
  DRAIN_SECONDS: '0',
  POSTS_PER_MINUTE: '0',
  UPLOADS_PER_MINUTE: '0',
};

export type Child = Awaited<ReturnType<typeof startChild>>;

/**
 * Starts a process, and waits for the first line that it writes.
 * @param script TypeScript, by its path in the repository
 */
export async function startChild(script: string, env: Environment) {
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4_000)));
  const exited = once(child, 'exit');
  let ending = false;
  void exited.then(([code, signal]: unknown[]) => {
    if (ending) return;
    console.error(`${script} ended by itself with ${String(code ?? signal)}:\n${said}`);
    process.exit(1);
  });
  const lines = createInterface({ input: child.stdout });
  const [line]: unknown[] = await once(lines, 'line', { signal: AbortSignal.timeout(START_MS) });
  return {
    line: String(line),
    async end(signal: NodeJS.Signals): Promise<void> {
      ending = true;
      child.kill(signal);
      await exited;
    },
  };
}
