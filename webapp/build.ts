import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const root = import.meta.dirname;
const dist = join(root, 'dist');
/** Holds the fingerprint of what `dist` was built from. */
const stampFile = '.built-from';

/** Everything the build is made of; the lock file stands for the libraries. */
const sources = [
  'src',
  'public',
  'index.html',
  'vite.config.ts',
  'build.ts',
  'package.json',
  '../package-lock.json',
];

/**
 * Builds the web app unless its build is there and made of the present sources.
 * @returns the folder of the build
 */
export async function ensureWebapp(): Promise<string> {
  if ((await builtFrom()) !== (await fingerprint())) await buildInChild();
  return dist;
}

/** The fingerprint of the build that is there. */
function builtFrom(): Promise<string | undefined> {
  return readFile(join(dist, stampFile), 'utf8').catch(() => undefined);
}

/** In a process of its own: Vite would leave its NODE_ENV and its memory behind in this one. */
async function buildInChild() {
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), fileURLToPath(import.meta.url)],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error('The web app could not be built: see above.');
}

async function buildNow() {
  const { build } = await import('vite');
  const made = await fingerprint();
  // Built beside and moved into place whole, so that a server that starts meanwhile never reads half of it.
  const fresh = await mkdtemp(join(root, '.dist-'));
  const old = `${fresh}-old`;
  try {
    await build({ root, logLevel: 'warn', build: { outDir: fresh, emptyOutDir: true } });
    await compressAll(fresh);
    await writeFile(join(fresh, stampFile), made);
    await chmod(fresh, 0o755); // mkdtemp's folders are private: the server may run as another user
    await moveIntoPlace(fresh, old, made);
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}

/** Another process may be doing the same: then one of the two is enough. */
async function moveIntoPlace(fresh: string, old: string, made: string) {
  if ((await builtFrom()) === made) return;
  try {
    if (existsSync(dist)) await rename(dist, old);
    await rename(fresh, dist);
  } catch (error) {
    if ((await builtFrom()) !== made) throw error;
  }
}

/** A `.br` and a `.gz` beside each text file, so that no request pays for them. */
async function compressAll(folder: string) {
  const texts = (await filesIn(folder)).filter((path) => /\.(html|js|css|svg|txt)$/.test(path));
  await Promise.all(
    texts.map(async (path) => {
      const bytes = await readFile(path);
      const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
      await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes, { params }));
      await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: 9 }));
    }),
  );
}

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256');
  const variables = Object.entries(process.env).filter(([name]) => name.startsWith('VITE_'));
  hash.update(JSON.stringify(variables.toSorted()));
  for (const source of sources) {
    for (const path of await filesIn(join(root, source))) {
      hash.update(`${path.slice(root.length)}\0`).update(await readFile(path));
    }
  }
  return hash.digest('hex');
}

/** All files below a folder, or the file itself, in a stable order; none where there is nothing. */
async function filesIn(path: string): Promise<string[]> {
  if (!existsSync(path)) return [];
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (!entries) return [path];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildNow();
