import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import * as v from 'valibot';
import { DeployFailure } from '../cloudformation/failure.ts';

const run = promisify(execFile);

const names = v.optional(v.record(v.string(), v.string()), {});
const lockSchema = v.object({
  packages: v.record(
    v.string(),
    v.object({
      version: v.optional(v.string()),
      integrity: v.optional(v.string()),
      dependencies: names,
      optionalDependencies: names,
      os: v.optional(v.array(v.string())),
      cpu: v.optional(v.array(v.string())),
      libc: v.optional(v.array(v.string())),
    }),
  ),
});

type Locked = v.InferOutput<typeof lockSchema>['packages'][string];

/** A package of the lock file. `path` is where it belongs, such as `node_modules/sharp`. */
export interface LockedPackage {
  path: string;
  name: string;
  version: string;
  /** `sha512-` and the hash in base64. */
  integrity: string;
}

/**
 * A package and all it needs on Lambda, as package-lock.json has them: Amazon Linux with this processor, whatever this machine is.
 * @param cpu as npm calls it
 * @throws DeployFailure when the lock file does not have one of them
 */
export async function lockedPackages(
  root: string,
  name: string,
  cpu: 'arm64' | 'x64',
): Promise<LockedPackage[]> {
  const { packages } = v.parse(
    lockSchema,
    JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')),
  );
  const found = new Map<string, LockedPackage>();
  const add = (wanted: string, from: string, isOptional: boolean) => {
    const path = placeOf(packages, wanted, from);
    const locked = path === undefined ? undefined : packages[path];
    if (path === undefined || !locked?.version || !locked.integrity?.startsWith('sha512-')) {
      if (isOptional) return;
      throw new DeployFailure(`package-lock.json does not have ${wanted}`, 'Nothing was sent. Run: npm ci');
    }
    if (found.has(path) || !runsOn(locked, cpu)) return;
    found.set(path, { path, name: wanted, version: locked.version, integrity: locked.integrity });
    for (const one of Object.keys(locked.dependencies)) add(one, path, false);
    for (const one of Object.keys(locked.optionalDependencies)) add(one, path, true);
  };
  add(name, '', false);
  return [...found.values()];
}

/** Where Node finds a package from inside another one. */
function placeOf(packages: Record<string, Locked>, name: string, from: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = `${folder}${folder && '/'}node_modules/${name}`;
    if (packages[path]) return path;
    if (folder === '') return undefined;
  }
}

const runsOn = ({ os, cpu, libc }: Locked, wanted: string): boolean =>
  (os?.includes('linux') ?? true) && (cpu?.includes(wanted) ?? true) && (libc?.includes('glibc') ?? true);

/**
 * The files of packages as they come from the registry that npm is configured with, checked by the lock file's own hashes; kept in
 * `.cache/packages`, by these.
 * @returns by path, such as `node_modules/sharp/package.json`
 * @throws DeployFailure when the registry does not give one, or gives another
 */
export async function packageFiles(
  root: string,
  packages: readonly LockedPackage[],
): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for (const one of packages) {
    const archive = await archiveOf(join(root, '.cache/packages'), one);
    for await (const entry of Readable.from([gunzipSync(archive)]).pipe(extract())) {
      // The first folder of a package is called `package`, or something else.
      const name = entry.header.name.split('/').slice(1).join('/');
      const bytes = await buffer(entry);
      if (entry.header.type === 'file' && !NOT_NEEDED.test(name)) files[`${one.path}/${name}`] = bytes;
    }
  }
  return files;
}

/** Not what is for people, or for those who compile. */
const NOT_NEEDED = /\.(md|cc|h|gyp|d\.[cm]?ts)$|^install\/|\/include\//;

/** All that `packageFiles` depends on: the same text, the same files. Empty without packages. */
export const manifestOf = (packages: readonly LockedPackage[]): string =>
  packages.map(({ path, integrity }) => `${path} ${integrity} ${NOT_NEEDED.source}\n`).join('');

async function archiveOf(cache: string, { name, version, integrity }: LockedPackage): Promise<Buffer> {
  const path = join(cache, `${Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex')}.tgz`);
  const known = await readFile(path).catch(() => undefined);
  if (known && integrityOf(known) === integrity) return known;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'incoming-'));
  try {
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder, `${name}@${version}`];
    const { stdout } = await run('npm', args, { cwd: folder }).catch((cause: unknown) => {
      throw new DeployFailure(
        `npm does not give ${name}@${version}: ${firstLine(cause)}`,
        'Nothing was sent.',
      );
    });
    const [packed] = v.parse(v.tuple([v.object({ filename: v.string() })]), JSON.parse(stdout));
    const file = join(folder, packed.filename);
    const archive = await readFile(file);
    if (integrityOf(archive) !== integrity)
      throw new DeployFailure(
        `${name}@${version} from the registry is not what package-lock.json has`,
        'Nothing was sent.',
      );
    // At once, so that another run never reads half of it.
    await rename(file, path);
    return archive;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const integrityOf = (bytes: Uint8Array): string =>
  `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

const firstLine = (error: unknown): string =>
  /^npm (?:error|ERR!) (.*)$/m.exec(error instanceof Error ? error.message : '')?.[1] ?? String(error);
