import { parentPort } from 'node:worker_threads';
import { type Detection, loadDetector } from './detect.ts';

/** What the worker answers to an image; `refused` is what no other try would change. */
export type WorkerAnswer = { detections: Detection[] } | { refused: string };

const port = parentPort;
if (port === null) throw new Error('labels-worker.ts runs as a worker thread only');

const detect = await loadDetector();
// Compiled WebAssembly sets listeners that throw what they hear, which would replace every later error's own report.
process.removeAllListeners('uncaughtException');
process.removeAllListeners('unhandledRejection');

port.on('message', (image: Uint8Array) => {
  void detect(image).then(
    (detections) => port.postMessage({ detections } satisfies WorkerAnswer),
    (error: unknown) => port.postMessage({ refused: String(error) } satisfies WorkerAnswer),
  );
});
port.postMessage('ready');
