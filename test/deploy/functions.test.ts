import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { functionArtifact } from '../../deploy/build/functions.ts';
import { zipOf } from '../../deploy/build/zip.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const labeler = { name: 'Labeler', entry: 'labeler.ts' };

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
  it('is a zip of one ES module that exports handler and needs nothing beside it, the SDK included', async (t) => {
    const { bytes } = await functionArtifact(root, labeler);
    const files = unzipSync(bytes);
    assert.deepEqual(Object.keys(files), ['index.mjs']);
    const folder = await mkdtemp(join(tmpdir(), 'postagram-function-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'index.mjs'), files['index.mjs'] ?? '');
    const script = `console.log(typeof (await import('${folder}/index.mjs')).handler)`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
      cwd: folder,
      env: { AWS_REGION: 'eu-west-1', BUCKET: 'b', DYNAMO_TABLE: 't' },
    });
    assert.equal(stdout.trim(), 'function');
  });

  it('goes by its hash: the same sources have the same key, and the template is told it', async () => {
    const [one, two] = [await functionArtifact(root, labeler), await functionArtifact(root, labeler)];
    assert.equal(one.key, two.key);
    assert.ok(Buffer.from(one.bytes).equals(two.bytes));
    assert.match(one.key, /^functions\/[0-9a-f]{64}\.zip$/);
    assert.deepEqual(one.parameters, { LabelerCodeKey: one.key });
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
