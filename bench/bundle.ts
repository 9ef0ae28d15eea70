/** This server and the labeler as they are deployed: one minified file each. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleLabeler, bundleServer } from '../deploy/build/bundle.ts';

export const root = join(import.meta.dirname, '..');

/** Bundles server.ts into the folder; returns the file. */
export async function writeServer(folder: string): Promise<string> {
  const file = join(folder, 'server.mjs');
  await writeFile(file, await bundleServer(root));
  return file;
}

/** Bundles labeler.ts, less the SDK that Lambda's runtime has, into the folder; returns the file. */
export async function writeLabeler(folder: string): Promise<string> {
  const file = join(folder, 'labeler', 'index.js');
  await mkdir(join(folder, 'labeler'), { recursive: true });
  await writeFile(file, await bundleLabeler(root));
  return file;
}
