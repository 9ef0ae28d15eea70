import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type ClientRequest, request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import sharp from 'sharp';
import * as v from 'valibot';
import { startLabels } from '../../local/labels/labels.ts';
import { localDefaults } from '../../local/settings.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/local-bucket.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const Measured = v.object({ labels: v.array(v.array(v.string())), idle: v.number(), peak: v.number() });
const MiB = 1024 * 1024;

/** What ten photos at once may take above what the cloud takes anyway, MiB: each alone takes about 240, four together 1,900. */
const MOST_MIB = 600;

test(
  'ten progressive JPEGs of 64 megapixels at once are decoded one at a time',
  { timeout: 300_000 },
  async (t) => {
    const path = join(await temporaryFolder(t), 'large.jpg');
    // Progressive: the kind that has to be decoded whole, whatever becomes of it.
    await sharp(await readFile(join(root, 'test/photos/chelsea.jpg')))
      .resize(8000, 8000, { fit: 'fill' })
      .jpeg({ progressive: true })
      .toFile(path);
    const script = join(root, 'test/local/label-memory.ts');
    const { stdout } = await run(process.execPath, ['--import', 'tsx', script, path], { cwd: root });
    const { labels, idle, peak } = v.parse(Measured, JSON.parse(stdout));
    t.diagnostic(`${idle} MiB with the network loaded, ${peak} MiB at the peak`);
    assert.equal(labels.filter((found) => found.includes('Cat')).length, 10, `${labels}`);
    assert.ok(peak - idle < MOST_MIB, `${peak - idle} MiB more`);
  },
);

test('requests that are held stop at 32 MiB together: who comes then is told to come back', async (t) => {
  const { region, credentials } = localDefaults;
  const nowhere = 'http://127.0.0.1:9';
  const labels = await startLabels({ region, credentials, s3Endpoint: nowhere, log: () => undefined });
  t.after(labels.close);
  const start = (bytes: number): ClientRequest => {
    const sent = request(labels.url, { method: 'POST', agent: false });
    sent.on('error', () => undefined);
    sent.write(Buffer.alloc(bytes));
    return sent;
  };

  const slow = [7, 7, 7, 7].map((size) => start(size * MiB));
  await eventually(() => assert.equal(labels.held(), 28 * MiB));
  const late = start(5 * MiB).end();
  const [answer] = await once(late, 'response');
  const text = (await answer.setEncoding('utf8').toArray()).join('');
  assert.match(text, /"__type":"ProvisionedThroughputExceededException"/);

  for (const sent of slow) sent.destroy();
  await eventually(() => assert.equal(labels.held(), 0));
});
