import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';
import { pack } from 'tar-stream';

/**
 * A Lambda function and all it needs as one ES module. The SDK is in it: its version is then ours and not the runtime's,
 * and only what is used of it has to be loaded.
 * @param external packages that stay outside
 */
export function bundleFunction(
  root: string,
  entry: string,
  external: readonly string[] = [],
): Promise<string> {
  // Of packages that come both ways esbuild can leave out what is not used only from the ES modules: 505 KB of labeler
  // instead of 814.
  return bundle(root, entry, {
    target: 'node24',
    mainFields: ['module', 'main'],
    external: [...external],
  });
}

/** The server and all it needs as one ES module for plain node. */
export function bundleServer(root: string): Promise<string> {
  return bundle(root, 'server.ts', { target: 'node20' });
}

/** What runs beside the server and ships its log, as one ES module. */
export function bundleShipper(root: string): Promise<string> {
  return bundle(root, 'src/shipper/main.ts', { target: 'node20', mainFields: ['module', 'main'] });
}

async function bundle(
  root: string,
  entry: string,
  options: Pick<BuildOptions, 'target' | 'mainFields' | 'external'>,
): Promise<string> {
  const { outputFiles } = await build({
    ...options,
    entryPoints: [join(root, entry)],
    absWorkingDir: root,
    format: 'esm',
    // CommonJS packages inside an ES module still look for these three.
    banner: {
      js: [
        `import { createRequire as $createRequire } from 'node:module';`,
        `const require = $createRequire(import.meta.url);`,
        `const __filename = import.meta.filename, __dirname = import.meta.dirname;`,
      ].join(''),
    },
    bundle: true,
    minify: true,
    platform: 'node',
    write: false,
    legalComments: 'none',
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

/** What runs on an instance: an archive with `server.mjs`, `shipper.mjs` and `webapp/dist`, and the hash it is known by. */
export interface ServerBundle {
  bytes: Buffer;
  sha256: string;
}

/**
 * Packs the server. The same sources give the same bytes: names sorted, no times, no owners, fixed modes.
 * @param server the code of server.mjs
 * @param shipper the code of shipper.mjs
 * @param webapp the folder of the built web app, or undefined to leave it out
 */
export async function packServer(
  server: string,
  shipper: string,
  webapp: string | undefined,
): Promise<ServerBundle> {
  const files = new Map([
    ['server.mjs', Buffer.from(server)],
    ['shipper.mjs', Buffer.from(shipper)],
  ]);
  if (webapp) {
    for (const entry of await readdir(webapp, { recursive: true, withFileTypes: true })) {
      // Its build leaves itself a note in a dot file.
      if (!entry.isFile() || entry.name.startsWith('.')) continue;
      const path = join(entry.parentPath, entry.name);
      files.set(`webapp/dist/${relative(webapp, path).split(sep).join('/')}`, await readFile(path));
    }
  }
  const archive = pack();
  for (const name of [...files.keys()].toSorted()) {
    archive.entry({ name, mode: 0o644, mtime: new Date(0) }, files.get(name));
  }
  archive.finalize();
  const bytes = gzipSync(await buffer(archive), { level: constants.Z_BEST_COMPRESSION });
  // Byte 9 of gzip names the system that packed it: 255, unknown, is the same everywhere.
  bytes[9] = 255;
  return { bytes, sha256: sha256(bytes) };
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
