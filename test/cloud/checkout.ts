import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { repository } from './ministack.ts';

const run = promisify(execFile);

/** A copy of this checkout that a test may change and deploy from; packages are shared with it. */
export async function copyCheckout(folder: string, env: Record<string, string | undefined>) {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout: files } = await run('git', list, { cwd: repository, maxBuffer: 1e7 });
  for (const file of files.split('\0').filter((name) => name !== '' && !name.startsWith('docs/'))) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    // A file that is deleted but not yet committed is listed, and not there.
    await cp(join(repository, file), join(folder, file)).catch(() => undefined);
  }
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));

  return {
    folder,

    /** Replaces text in a file; the text must be there. */
    async edit(file: string, from: string, to: string): Promise<void> {
      const path = join(folder, file);
      const before = await readFile(path, 'utf8');
      if (!before.includes(from)) throw new Error(`${file} does not contain: ${from}`);
      await writeFile(path, before.replace(from, to));
    },

    /** Starts `npx tsx deploy.ts` as a person would, without a terminal. */
    start(...args: string[]) {
      const child = spawn(process.execPath, ['--import', 'tsx', 'deploy.ts', ...args], {
        cwd: folder,
        env: { PATH: process.env.PATH, HOME: folder, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
      return {
        child,
        result: ended.then(([[code], stdout, stderr]) => ({ code: code as number | null, stdout, stderr })),
      };
    },

    /** Runs it to its end. */
    deploy(...args: string[]) {
      return this.start(...args).result;
    },
  };
}
