// A public client's flow, against what `npm start -- blobs` runs: a process of its own, with the real label network.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { spawnPostagram } from '../../../local/child.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { temporaryFolder } from '../../../test/support/local-bucket.ts';

/** What the client reads of an answer. */
type Answer = { statusCode: number; body: { id: string; upload_url: string; labels: string[] } };
const send = async (url: string, init?: RequestInit) => (await (await fetch(url, init)).json()) as Answer;

test('POST, PUT of raw bytes, GET: the labels are there', { timeout: 400_000 }, async (t) => {
  const child = await spawnPostagram(await temporaryFolder(t), {}, ['blobs']);
  t.after(async () => {
    child.process.kill('SIGKILL');
    await child.exited;
  });
  const image = await readFile(new URL('../../../test/photos/chelsea.jpg', import.meta.url));

  const json = await send(`${child.url}/blobs`, { method: 'POST' });
  const { id, upload_url } = json.body;
  const put = await fetch(upload_url, { method: 'PUT', body: image });
  assert.equal(put.status, 200);
  const start = performance.now();
  // The client waits five seconds. A busy machine may need more: asked until it is there, and said how long that was.
  const found = await eventually(async () => {
    const answer = await send(`${child.url}/blobs/${id}`);
    assert.equal(answer.statusCode, 200);
    return answer;
  });
  t.diagnostic(`labels ${Math.round(performance.now() - start)} ms after the PUT`);
  assert.deepEqual(Object.keys(found.body), ['labels']);
  assert.ok(found.body.labels.includes('Cat'), `${found.body.labels}`);
});
