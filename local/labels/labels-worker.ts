import { parentPort } from 'node:worker_threads';
import type { Label } from './merge.ts';
import { loadNetworks } from './networks.ts';

/** What the worker answers to an image; `refused` is what no other try would change. */
export type WorkerAnswer = { labels: Label[] } | { refused: string };

const port = parentPort;
if (port === null) throw new Error('labels-worker.ts runs as a worker thread only');

const look = await loadNetworks();
// Compiled WebAssembly sets listeners that throw what they hear, which would replace every later error's own report.
process.removeAllListeners('uncaughtException');
process.removeAllListeners('unhandledRejection');

port.on('message', (image: Uint8Array) => {
  void look(image).then(
    (labels) => port.postMessage({ labels } satisfies WorkerAnswer),
    (error: unknown) => port.postMessage({ refused: String(error) } satisfies WorkerAnswer),
  );
});
port.postMessage('ready');
