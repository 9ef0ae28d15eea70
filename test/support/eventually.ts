import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds: not what it should take, but what no loaded machine takes. Only a test that fails waits as long. */
const PATIENCE = 120_000;

/**
 * Repeats a check until it passes: indexes and labels come a moment later. After two minutes its last error is thrown.
 * `assert.ok` needs a message here: without one Node parses the file to make one, which takes seconds each time.
 */
export async function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  const end = performance.now() + PATIENCE;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(25);
    }
  }
}
