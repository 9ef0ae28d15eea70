import { openCallbacks } from './callbacks.ts';

const { callbacks, deliver } = openCallbacks();

/** Milliseconds after which a run begins no more: the next one goes on. A try takes 15 s at the most. */
const RUN_MS = 60_000;

/** The Lambda: once a minute, callbacks whose next try has come, the oldest first, up to 50 at a time. */
export const handler = async (): Promise<void> => {
  const start = Date.now();
  const results: PromiseSettledResult<void>[] = [];
  for await (const page of callbacks.due(new Date(start))) {
    results.push(...(await Promise.allSettled(page.map(deliver))));
    if (Date.now() - start > RUN_MS) break;
  }
  const failures = results.filter(({ status }) => status === 'rejected').length;
  if (failures > 0) throw new Error(`${failures} callbacks whose state could not be stored`);
};
