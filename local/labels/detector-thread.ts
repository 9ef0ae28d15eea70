import { Worker } from 'node:worker_threads';
import type { EventLog } from '../events/events.ts';
import type { WorkerAnswer } from './labels-worker.ts';
import type { Label } from './merge.ts';

/** Photos that may wait for the networks: at ~230 ms each, the last waits seven seconds. */
const MAX_WAITING = 32;
/** A photo that takes longer than this has hung the worker, milliseconds. */
const PHOTO_MS = 20_000;
/** So has the network that takes longer to load. The photos wait for it. */
const LOAD_MS = 180_000;

/** What is short-lived in the thread is pixels of one photo: more room for it is memory that a laptop misses. */
const YOUNG_MB = 8;

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
 * The neural networks in a worker thread, since one photo blocks a thread for ~230 ms. The thread starts at once, loads
 * while everything else goes on, and is replaced when it dies. It is given one photo at a time: what a large one takes
 * to decode (docs/reliability.md) is then taken once, not as often as there are photos.
 * @param options.script what the thread runs
 * @param options.photoMs how long one photo may take, once the network is loaded
 */
export function startDetectorThread(log: EventLog, { script = WORKER, photoMs = PHOTO_MS } = {}) {
  type Job = {
    resolve: (found: Label[]) => void;
    reject: (error: Error) => void;
    timer?: NodeJS.Timeout;
  };
  let job: Job | undefined;
  let line: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let closed = false;
  let dead = false;
  let ready = false;
  let worker = spawn();

  function spawn(): Worker {
    const thread = new Worker(script, { eval: true, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
    const loading = setTimeout(() => void thread.terminate(), LOAD_MS).unref();
    ready = false;
    thread.on('message', (message: WorkerAnswer | 'ready') => {
      if (message === 'ready') {
        clearTimeout(loading);
        ready = true;
        startClock();
        return;
      }
      const done = endJob();
      if ('labels' in message) done?.resolve(message.labels);
      else done?.reject(new UnreadableImage(message.refused));
    });
    thread.on('error', (error) => log('the label worker failed', error));
    thread.on('exit', () => {
      clearTimeout(loading);
      // One that never got ready would die again, and again: it is tried anew when somebody asks.
      if (!closed && ready) worker = spawn();
      else dead = true;
      endJob()?.reject(new Error('The label worker died.'));
    });
    dead = false;
    thread.unref();
    return thread;
  }

  /** Of the photo that the network has before it. */
  function startClock(): void {
    if (job) job.timer = setTimeout(() => void worker.terminate(), photoMs);
  }

  function endJob(): Job | undefined {
    const ended = job;
    clearTimeout(ended?.timer);
    job = undefined;
    return ended;
  }

  function look(image: Uint8Array): Promise<Label[]> {
    if (closed) return Promise.reject(new Error('The label service closes.'));
    if (dead) worker = spawn();
    return new Promise((resolve, reject) => {
      job = { resolve, reject };
      if (ready) startClock();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage(image);
    });
  }

  return {
    /**
     * @param load gives the image once its turn has come, so that those that wait take no memory
     * @throws UnreadableImage, Busy, what `load` throws, or Error when the worker died over it
     */
    detect(load: () => Promise<Uint8Array>): Promise<Label[]> {
      if (waiting >= MAX_WAITING) return Promise.reject(new Busy('Too many photos wait for labels.'));
      waiting++;
      const turn = line.then(load).then(look);
      line = turn.then(
        () => waiting--,
        () => waiting--,
      );
      return turn;
    },
    waiting: () => waiting,
    /** Ends the thread as a crash would, for tests. */
    kill: () => worker.terminate(),
    async close() {
      closed = true;
      await worker.terminate();
    },
  };
}
