import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A secret of a service on the laptop: 32 random bytes in base64, made once, kept in the data folder for this user alone. */
export async function keptSecret(dataDir: string, name: string): Promise<string> {
  const path = join(dataDir, 'secrets', name);
  await mkdir(join(dataDir, 'secrets'), { recursive: true });
  const made = randomBytes(32).toString('base64');
  const whole = `${path}.${process.pid}`;
  await writeFile(whole, made, { mode: 0o600 });
  // What is there stays, and is never half of one: a link is made at once or not at all.
  await link(whole, path).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
  await rm(whole);
  return readFile(path, 'utf8');
}
