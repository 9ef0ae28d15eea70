/** What of a function's code comes from npm's registry. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { bundleFunction } from '../../deploy/build/bundle.ts';
import { functionArtifact } from '../../deploy/build/functions.ts';
import { lockedPackages, packageFiles } from '../../deploy/build/packages.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const labeler = { name: 'Labeler', entry: 'labeler.ts', native: ['sharp'] };

describe('the code of a function with native packages', () => {
  it('is a zip of one ES module that exports handler, with the SDK in it and native packages beside it', async () => {
    const files = unzipSync(await (await functionArtifact(root, labeler)).bytes());
    const outside = Object.keys(files).filter((path) => path !== 'index.mjs');
    assert.deepEqual(
      [...new Set(outside.map((path) => /^node_modules\/((@[^/]+\/)?[^/]+)\//.exec(path)?.[1]))].toSorted(),
      [
        '@img/colour',
        '@img/sharp-libvips-linux-arm64',
        '@img/sharp-linux-arm64',
        'detect-libc',
        'semver',
        'sharp',
      ],
    );
    // A shared library begins with what it is for: 183 is arm64. https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
    const libraries = outside.filter((path) => /\.node$|\.so(\.|$)/.test(path));
    assert.equal(libraries.length, 2);
    for (const path of libraries) assert.equal(Buffer.from(files[path] ?? []).readUInt16LE(18), 183, path);
    // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    const unzipped = Object.values(files).reduce((sum, { length }) => sum + length, 0);
    assert.ok(unzipped < 250 * 1024 * 1024, `${unzipped}`);
  });

  it('needs nothing else: it starts where there is nothing but the zip, with the packages of this processor', async (t) => {
    const cpu = process.arch === 'arm64' ? 'arm64' : 'x64';
    const code = await bundleFunction(root, labeler.entry, labeler.native);
    const packages = await packageFiles(root, await lockedPackages(root, 'sharp', cpu));
    const folder = await mkdtemp(join(tmpdir(), 'postagram-function-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    for (const [path, bytes] of Object.entries({ 'index.mjs': Buffer.from(code), ...packages })) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    }
    const script = `console.log(typeof (await import('${folder}/index.mjs')).handler)`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
      cwd: folder,
      env: { AWS_REGION: 'eu-west-1', BUCKET: 'b', RENDITIONS_BUCKET: 'r', DYNAMO_TABLE: 't' },
    });
    assert.equal(stdout.trim(), 'function');
  });
});

describe('packages with native code', () => {
  it('come by the hash of the lock file: what is another is refused, and not kept', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'postagram-packages-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const [known] = await lockedPackages(root, 'detect-libc', 'arm64');
    assert.ok(known);
    const integrity = `sha512-${Buffer.alloc(64).toString('base64')}`;
    await assert.rejects(
      packageFiles(folder, [{ ...known, integrity }]),
      /is not what package-lock.json has/,
    );
    await assert.rejects(readFile(join(folder, '.cache/packages', `${'0'.repeat(128)}.tgz`)), /ENOENT/);
  });

  it('that were damaged since they were kept are fetched again', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'postagram-packages-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const packages = await lockedPackages(root, 'detect-libc', 'arm64');
    const hash = Buffer.from(packages[0]?.integrity.slice('sha512-'.length) ?? '', 'base64').toString('hex');
    await mkdir(join(folder, '.cache/packages'), { recursive: true });
    await writeFile(join(folder, '.cache/packages', `${hash}.tgz`), 'damaged');
    assert.ok((await packageFiles(folder, packages))['node_modules/detect-libc/package.json']);
  });
});
