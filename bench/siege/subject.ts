/** The server under siege: the bundle of a deployment with the NODE_OPTIONS of an instance. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { nodeOptions } from '../../templates/node-options.ts';
import { freePort } from '../../test/support/free-port.ts';
import { writeServer } from '../bundle.ts';
import { environmentOf } from '../contenders.ts';
import { start, stop, untilHealthy } from '../processes.ts';

/** @param more environment, over that of the benchmarks */
export async function startSubject(database: string, table: string, more: NodeJS.ProcessEnv = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'postagram-siege-'));
  const port = await freePort();
  const env = {
    ...environmentOf({ database, table }),
    PORT: String(port),
    NODE_OPTIONS: nodeOptions,
    ...more,
  };
  const child = start('node', [await writeServer(folder)], { env, stdout: 'pipe' });
  const url = `http://127.0.0.1:${port}`;
  /** Requests by what their line in the log says went wrong. */
  const errors: Record<string, number> = {};
  let stacks = 0;
  if (!child.stdout) throw new Error('Its output is not piped');
  createInterface({ input: child.stdout }).on('line', (text) => {
    // Pino writes one JSON object a line.
    const { error, status, err } = JSON.parse(text) as { error?: string; status?: number; err?: unknown };
    if (err !== undefined) stacks += 1;
    if (status !== undefined && error !== undefined) errors[error] = (errors[error] ?? 0) + 1;
  });
  await untilHealthy(`${url}/health`, child);

  return {
    url,
    port,
    errors,
    stacks: () => stacks,
    /** Resident memory now, and the most there was, in MiB. */
    rss: () => ({ now: statusOf('VmRSS'), peak: statusOf('VmHWM') }),
    async stop() {
      await stop(child);
      await rm(folder, { recursive: true, force: true });
    },
  };

  function statusOf(field: string): number {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    return Math.round(Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024);
  }
}

/** `12 answered (200), 3 not (503 …)`, with the median and the longest of what was answered. */
export function describeAnswers(answers: { outcome: string; ms: number }[]): string {
  const outcomes: Record<string, number> = {};
  for (const { outcome } of answers) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const times = answers
    .filter(({ outcome }) => outcome.startsWith('2'))
    .map(({ ms }) => ms)
    .toSorted((a, b) => a - b);
  const at = (share: number) => `${Math.round(times[Math.floor((times.length - 1) * share)] ?? NaN)} ms`;
  return `${JSON.stringify(outcomes)}, answered in ${at(0.5)} (median), ${at(1)} at the most`;
}

/** Asks once. @returns the status, or the code of what went wrong */
export async function ask(url: string, init: RequestInit = {}): Promise<{ outcome: string; ms: number }> {
  const began = performance.now();
  const outcome = await fetch(url, init)
    .then(async (answer) => {
      await answer.text();
      return String(answer.status);
    })
    .catch((error: Error) => String(error.cause ?? error));
  return { outcome, ms: performance.now() - began };
}
