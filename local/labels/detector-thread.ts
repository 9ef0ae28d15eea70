import { Worker } from 'node:worker_threads';
import type { Detection } from './detect.ts';
import type { EventLog } from '../events/events.ts';
import type { WorkerAnswer, WorkerQuestion } from './labels-worker.ts';

/** Photos that may wait for the network: at ~120 ms each, the last waits a few seconds. */
const MAX_WAITING = 32;
/** A photo that takes longer than this has hung the worker, milliseconds. */
const PHOTO_MS = 20_000;

/** Node 20 does not hand tsx's loader on to a worker thread, not through execArgv either: the thread sets its own. */
const WORKER = `
  import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))}).then(({ register }) => {
    register();
    return import(${JSON.stringify(new URL('labels-worker.ts', import.meta.url).href)});
  });
`;

/** The image is none the network can read. */
export class UnreadableImage extends Error {}
/** More photos wait already than is sensible. */
export class Busy extends Error {}

/**
 * The neural network in a worker thread, since one photo blocks a thread for ~100 ms. The thread starts at once, loads
 * while everything else goes on, and is replaced when it dies.
 */
export function startDetectorThread(log: EventLog) {
  type Job = { resolve: (found: Detection[]) => void; reject: (error: Error) => void; timer: NodeJS.Timeout };
  let jobs = new Map<number, Job>();
  let nextId = 0;
  let closed = false;
  let dead = false;
  let worker = spawn();

  function spawn(): Worker {
    const thread = new Worker(WORKER, { eval: true });
    let ready = false;
    thread.on('message', (message: WorkerAnswer | 'ready') => {
      if (message === 'ready') {
        ready = true;
        return;
      }
      const job = jobs.get(message.id);
      jobs.delete(message.id);
      clearTimeout(job?.timer);
      if ('detections' in message) job?.resolve(message.detections);
      else job?.reject(new UnreadableImage(message.refused));
    });
    thread.on('error', (error) => log('the label worker failed', error));
    thread.on('exit', () => {
      const lost = jobs;
      jobs = new Map();
      for (const { reject, timer } of lost.values()) {
        clearTimeout(timer);
        reject(new Error('The label worker died.'));
      }
      // One that never got ready would die again, and again: it is tried anew when somebody asks.
      if (!closed && ready) worker = spawn();
      else dead = true;
    });
    dead = false;
    thread.unref();
    return thread;
  }

  return {
    /** @throws UnreadableImage, Busy, or Error when the worker died over it */
    detect(image: Uint8Array): Promise<Detection[]> {
      if (jobs.size >= MAX_WAITING) return Promise.reject(new Busy('Too many photos wait for labels.'));
      if (dead && !closed) worker = spawn();
      return new Promise((resolve, reject) => {
        const id = nextId++;
        const timer = setTimeout(() => void worker.terminate(), PHOTO_MS * (jobs.size + 1));
        jobs.set(id, { resolve, reject, timer });
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
        worker.postMessage({ id, image } satisfies WorkerQuestion);
      });
    },
    waiting: () => jobs.size,
    /** Ends the thread as a crash would, for tests. */
    kill: () => worker.terminate(),
    async close() {
      closed = true;
      await worker.terminate();
    },
  };
}
