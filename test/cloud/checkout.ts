import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { repository, until } from './ministack.ts';

const run = promisify(execFile);

/** ms within which a deployment gets to where a test waits for it, on the slowest machine. */
const PATIENCE = 15 * 60_000;

/** A copy of this checkout that a test may change and deploy from; packages are shared with it. */
export async function copyCheckout(folder: string, env: Record<string, string | undefined>) {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = await run('git', list, { cwd: repository, maxBuffer: 1e7 });
  for (const file of stdout.split('\0').filter((name) => name !== '' && !name.startsWith('docs/'))) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    // A file that is deleted but not yet committed is listed, and not there.
    await cp(join(repository, file), join(folder, file)).catch(() => undefined);
  }
  // The web app is built before these tests (run.sh), and unchanged in all of them.
  await cp(join(repository, 'webapp/dist'), join(folder, 'webapp/dist'), { recursive: true });
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));

  const deploy = ['--import', 'tsx', 'deploy.ts'];

  function start(command: string, args: string[]) {
    const child = spawn(command, args, {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, TERM: 'xterm', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (text: Buffer) => (output.stdout += text.toString()));
    child.stderr.on('data', (text: Buffer) => (output.stderr += text.toString()));
    const result = once(child, 'close').then(([code]) => {
      // The first argument of 'close' is the exit code, null after a signal.
      return { code: code as number | null, ...output };
    });

    /**
     * Waits until the command has said something. How long a deployment takes is the machine's to say: the wait ends when
     * the command does, and the command when it says nothing for too long.
     * @throws Error with all that it said, when it ended without
     */
    async function says(what: string | RegExp): Promise<void> {
      const there = () =>
        typeof what === 'string' ? output.stdout.includes(what) : what.test(output.stdout);
      try {
        await until(
          String(what),
          async () => (there() || child.exitCode !== null || child.signalCode !== null ? true : undefined),
          PATIENCE,
        );
        if (there()) return;
        // The last of what it said is read by now, unlike when it ended.
        await result;
        if (!there()) throw new Error(`It ended without saying ${what}`);
      } catch (error) {
        child.kill('SIGKILL');
        throw new Error(`${output.stdout}\n${output.stderr}`, { cause: error });
      }
    }

    return { child, result, says };
  }

  return {
    folder,

    /** Replaces text in a file; the text must be there. */
    async edit(file: string, from: string, to: string): Promise<void> {
      const path = join(folder, file);
      const before = await readFile(path, 'utf8');
      if (!before.includes(from)) throw new Error(`${file} does not contain: ${from}`);
      await writeFile(path, before.replace(from, to));
    },

    /** Starts deploy.ts without a terminal. */
    start: (...args: string[]) => start(process.execPath, [...deploy, ...args]),

    /** Runs deploy.ts without a terminal to its end. */
    deploy: (...args: string[]) => start(process.execPath, [...deploy, ...args]).result,

    /** Runs deploy.ts on a terminal of its own, and types the answer when the question stands there. */
    async onTerminal(args: string[], question: string, answer: string) {
      const command = [process.execPath, ...deploy, ...args].join(' ');
      const { child, result, says } = start('script', [
        '--quiet',
        '--return',
        '--command',
        command,
        '/dev/null',
      ]);
      await says(question);
      child.stdin.write(answer);
      return result;
    },
  };
}
