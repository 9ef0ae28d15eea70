import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Follows a file of lines and prints them as `journalctl --output=json` does; of its flags it knows none. */
const journalctl = (file: string) => `#!${process.execPath}
const { openSync, readSync } = require('node:fs');
const file = openSync(${JSON.stringify(file)});
const bytes = Buffer.alloc(65536);
let rest = '', number = 0;
setInterval(() => {
  for (let read; (read = readSync(file, bytes)) > 0; ) {
    const lines = (rest + bytes.toString('utf8', 0, read)).split('\\n');
    rest = lines.pop();
    for (const MESSAGE of lines)
      console.log(JSON.stringify({ __CURSOR: String(++number), __REALTIME_TIMESTAMP: String(Date.now() * 1000), MESSAGE }));
  }
}, 50);
`;

/**
 * Runs the shipper of an instance's bundle beside its server, until the server has ended.
 * @param folder of the unpacked bundle
 * @param file what the server writes, line by line
 * @param env the words of its unit, and what an instance has around it
 */
export async function shipLog(
  server: ChildProcess,
  folder: string,
  file: string,
  env: Record<string, string | undefined>,
): Promise<void> {
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin/journalctl'), journalctl(file), { mode: 0o755 });
  const shipper = spawn(process.execPath, ['shipper.mjs'], {
    cwd: folder,
    env: { ...env, PATH: join(folder, 'bin'), STATE_DIRECTORY: folder, LOG_STREAM: 'i-0123456789abcdef0' },
    // It tries again for as long as it runs, and says so each time.
    stdio: 'ignore',
  });
  void once(server, 'exit').then(() => shipper.kill());
}
