import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { functionArtifact } from '../../deploy/build/functions.ts';
import { lockedPackages } from '../../deploy/build/packages.ts';
import { zipOf } from '../../deploy/build/zip.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const plain = { name: 'Plain', entry: 'services/template/api.ts' };
const labeler = { name: 'Labeler', entry: 'labeler.ts', native: ['sharp'] };

/** The central directory's entry of a zip with one file: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT 4.3.12 */
function directoryEntry(zip: Uint8Array) {
  const at = Buffer.from(zip).indexOf('PK\u0001\u0002');
  const view = new DataView(zip.buffer, zip.byteOffset + at);
  return {
    system: view.getUint8(5),
    time: view.getUint32(12, true),
    mode: (view.getUint32(38, true) >>> 16).toString(8),
  };
}

describe('the code of a function', () => {
  it('is a zip of one ES module that exports handler, with the SDK in it', async () => {
    const files = unzipSync(await (await functionArtifact(root, plain)).bytes());
    assert.deepEqual(Object.keys(files), ['index.mjs']);
    assert.doesNotMatch(Buffer.from(files['index.mjs'] ?? []).toString(), /from ?"@aws-sdk/);
  });

  it('goes by its hash: the same sources have the same key, and the template is told it', async () => {
    const [one, two] = [await functionArtifact(root, plain), await functionArtifact(root, plain)];
    assert.equal(one.key, two.key);
    assert.ok(Buffer.from(await one.bytes()).equals(await two.bytes()));
    assert.match(one.key, /^functions\/[0-9a-f]{64}\.zip$/);
    assert.deepEqual(one.parameters, { PlainCodeKey: one.key });
  });

  it('has another hash with other packages of native code, none of which it has to fetch for that', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'postagram-packages-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const lock = await readFile(join(root, 'package-lock.json'), 'utf8');
    for (const name of ['src', 'node_modules', 'labeler.ts', 'tsconfig.json', 'package.json'])
      await symlink(join(root, name), join(folder, name));
    const keyWith = async (text: string) => {
      await writeFile(join(folder, 'package-lock.json'), text);
      return (await functionArtifact(folder, labeler)).key;
    };
    const [libvips] = (await lockedPackages(root, 'sharp', 'arm64')).filter(({ name }) =>
      /libvips/.test(name),
    );
    const other = lock.replace(libvips?.integrity ?? '', `sha512-${Buffer.alloc(64).toString('base64')}`);
    assert.notEqual(other, lock);
    assert.notEqual(await keyWith(other), await keyWith(lock));
    assert.equal(await keyWith(lock), (await functionArtifact(root, labeler)).key);
    await assert.rejects(readdir(join(folder, '.cache')), /ENOENT/);
  });

  it('has the same bytes in every time zone, whatever the clock says', async () => {
    const script = `import { zipOf } from '${join(root, 'deploy/build/zip.ts')}';
      console.log(Buffer.from(zipOf({ a: Buffer.from('a') })).toString('hex'))`;
    const zips = ['Pacific/Auckland', 'America/Los_Angeles'].map(async (TZ) => {
      const args = ['--import', 'tsx', '--input-type=module', '-e', script];
      return (await run(process.execPath, args, { cwd: root, env: { TZ } })).stdout;
    });
    const [east, west] = await Promise.all(zips);
    assert.equal(east, west);
    // 1 January 1980, midnight: the first moment of a zip.
    assert.equal(directoryEntry(zipOf({ a: Buffer.from('a') })).time, ((1 << 5) | 1) << 16);
  });

  it('may be read by the user that Lambda runs it as', () => {
    const { system, mode } = directoryEntry(zipOf({ a: Buffer.from('a') }));
    assert.deepEqual({ system, mode }, { system: 3, mode: '100644' });
  });
});

describe('packages with native code', () => {
  it('are those of the processor and of Amazon Linux, whatever this machine is', async () => {
    for (const cpu of ['arm64', 'x64'] as const) {
      const names = (await lockedPackages(root, 'sharp', cpu)).map(({ name }) => name);
      assert.deepEqual(names.filter((name) => name.startsWith('@img/sharp-')).toSorted(), [
        `@img/sharp-libvips-linux-${cpu}`,
        `@img/sharp-linux-${cpu}`,
      ]);
    }
  });

  it('that the lock file does not have are said to be missing', async () => {
    await assert.rejects(lockedPackages(root, 'sharper', 'arm64'), /does not have sharper/);
  });
});
