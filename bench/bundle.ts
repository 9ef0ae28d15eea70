/** This server and the labeler as they are deployed: one minified file each. */
import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleFunction, bundleServer } from '../deploy/build/bundle.ts';

export const root = join(import.meta.dirname, '..');

/** Bundles server.ts into the folder; returns the file. */
export async function writeServer(folder: string): Promise<string> {
  const file = join(folder, 'server.mjs');
  await writeFile(file, await bundleServer(root));
  return file;
}

/**
 * Bundles the server of another version of this repository, with the packages that are installed now.
 * @param ref what git calls it: a commit, a tag, a branch
 */
export async function writeServerOf(ref: string, folder: string): Promise<string> {
  const checkout = join(folder, 'before');
  await mkdir(checkout);
  const archive = execFileSync('git', ['archive', ref], { cwd: root, maxBuffer: 256 * 1024 * 1024 });
  execFileSync('tar', ['--extract', '--directory', checkout], { input: archive });
  await symlink(join(root, 'node_modules'), join(checkout, 'node_modules'));
  const file = join(folder, 'before.mjs');
  await writeFile(file, await bundleServer(checkout));
  return file;
}

/** Bundles labeler.ts into the folder, with the packages that stay outside beside it; returns the file. */
export async function writeLabeler(folder: string): Promise<string> {
  const file = join(folder, 'labeler', 'index.mjs');
  await mkdir(join(folder, 'labeler'), { recursive: true });
  await writeFile(file, await bundleFunction(root, 'labeler.ts', ['sharp']));
  await symlink(join(root, 'node_modules'), join(folder, 'labeler', 'node_modules'));
  return file;
}
