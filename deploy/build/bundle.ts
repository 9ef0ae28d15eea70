import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { pack } from 'tar-stream';
import { DeployFailure } from '../cloudformation/failure.ts';

/** Bytes: Postagram's own bound, far under CloudFormation's for a whole template (51,200) that carries this code. */
export const labelerLimit = 20_000;

/**
 * The Lambda as one CommonJS file, which is what inline code (ZipFile) must be: `handler` in index.js. The SDK is the
 * runtime's own.
 * @param root the checkout
 * @throws DeployFailure when it is too large to stand in the template
 */
export async function bundleLabeler(root: string): Promise<string> {
  const code = await bundle({
    entryPoints: [join(root, 'labeler.ts')],
    absWorkingDir: root,
    format: 'cjs',
    target: 'node22',
    external: ['@aws-sdk/*'],
  });
  const size = Buffer.byteLength(code);
  if (size >= labelerLimit) {
    throw new DeployFailure(`The labeler is ${size} bytes; inline code stays under ${labelerLimit}`);
  }
  return code;
}

/** The server and all it needs as one ES module for plain node. */
export function bundleServer(root: string): Promise<string> {
  return bundle({
    entryPoints: [join(root, 'server.ts')],
    absWorkingDir: root,
    format: 'esm',
    target: 'node20',
    // CommonJS packages inside an ES module still look for these three.
    banner: {
      js: [
        `import { createRequire as $createRequire } from 'node:module';`,
        `const require = $createRequire(import.meta.url);`,
        `const __filename = import.meta.filename, __dirname = import.meta.dirname;`,
      ].join(''),
    },
  });
}

async function bundle(options: Parameters<typeof build>[0]): Promise<string> {
  const { outputFiles } = await build({
    ...options,
    bundle: true,
    minify: true,
    platform: 'node',
    write: false,
    legalComments: 'none',
    logLevel: 'error',
  });
  return outputFiles?.[0]?.text ?? '';
}

/** What runs on an instance: an archive with `server.mjs` and `webapp/dist`, and the hash it is known by. */
export interface ServerBundle {
  bytes: Buffer;
  sha256: string;
}

/**
 * Packs the server. The same sources give the same bytes: names sorted, no times, no owners, fixed modes.
 * @param server the code of server.mjs
 * @param webapp the folder of the built web app, or undefined to leave it out
 */
export async function packServer(server: string, webapp: string | undefined): Promise<ServerBundle> {
  const files = new Map([['server.mjs', Buffer.from(server)]]);
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
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}
