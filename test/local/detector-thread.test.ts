import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startDetectorThread } from '../../local/labels/detector-thread.ts';

// The thread alone does not keep a process alive: on a laptop the servers do.
const alive = setInterval(() => undefined, 1_000);
after(() => clearInterval(alive));

/** A network that takes so long to load, in ms, and finds nothing. */
const script = (ms: number) => `
  const { parentPort } = require('node:worker_threads');
  setTimeout(() => {
    parentPort.postMessage('ready');
    parentPort.on('message', () => parentPort.postMessage({ labels: [] }));
  }, ${ms});
`;

test('a photo waits for a network that takes longer to load than a photo may', async (t) => {
  const detector = startDetectorThread(assert.ifError, { script: script(4_000), photoMs: 2_000 });
  t.after(detector.close);
  assert.deepEqual(await detector.detect(async () => Buffer.from('a photo')), []);
});

test('a network that hangs over a photo is replaced', async (t) => {
  const hangs = `
    const { parentPort } = require('node:worker_threads');
    parentPort.on('message', () => undefined);
    parentPort.postMessage('ready');
  `;
  const detector = startDetectorThread(() => undefined, { script: hangs, photoMs: 100 });
  t.after(detector.close);
  const died = { message: 'The label worker died.' };
  for (let photo = 0; photo < 2; photo++)
    await assert.rejects(
      detector.detect(async () => Buffer.from('a photo')),
      died,
    );
});
