import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The slowest start that is waited for, milliseconds: a busy machine, nothing compiled yet. */
const START_MS = 180_000;

export type Child = Awaited<ReturnType<typeof spawnPostagram>>;

/**
 * Runs what `npm start` runs, as a process of its own on a free port, and waits until it listens.
 * @param dataDir its data folder
 * @param services named after `npm start --`
 * @throws Error with what it printed, when it ends before
 */
export async function spawnPostagram(
  dataDir: string,
  env: Record<string, string> = {},
  services: readonly string[] = [],
) {
  const child = launch(dataDir, env, services);
  const { output, exited } = child;
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`not ready after ${START_MS} ms: ${output()}`)),
      START_MS,
    );
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      finish();
    };
    child.process.stdout?.on('data', () => {
      const found = /^Postagram is at (http:\/\/localhost:\d+)/m.exec(output())?.[1];
      if (found !== undefined) settle(() => resolve(found.replace('localhost', '127.0.0.1')));
    });
    void exited.then(({ code }) => settle(() => reject(new Error(`ended with ${code}: ${output()}`))));
  });
  return { ...child, url };
}

/** As above without waiting. `output()` is all it has printed, `exited` how it ended. */
export function launch(dataDir: string, env: Record<string, string> = {}, services: readonly string[] = []) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const defaults = { PORT: '0', LOG_LEVEL: 'info', LOCAL_DATA_DIR: dataDir };
  const started: ChildProcess = spawn(process.execPath, ['--import', 'tsx', 'local/start.ts', ...services], {
    cwd: root,
    env: { ...process.env, ...defaults, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  started.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  started.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exited = once(started, 'close').then(([code, signal]: unknown[]) => ({
    code,
    signal,
    stdout,
    stderr,
  }));
  return { process: started, exited, output: () => stdout + stderr };
}
