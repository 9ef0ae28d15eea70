import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Repeats a check until it passes: indexes and labels come a moment later.
 * @param seconds how long, before the check's last error is thrown
 */
export async function eventually<T>(check: () => T | Promise<T>, seconds = 20): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(25);
    }
  }
}
