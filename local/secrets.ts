import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A secret of a service on the laptop: 32 random bytes in base64, made once, kept in the data folder for this user alone. */
export async function keptSecret(dataDir: string, name: string): Promise<string> {
  const path = join(dataDir, 'secrets', name);
  await mkdir(join(dataDir, 'secrets'), { recursive: true });
  const made = randomBytes(32).toString('base64');
  // `wx`: what is there stays.
  await writeFile(path, made, { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
  return readFile(path, 'utf8');
}
