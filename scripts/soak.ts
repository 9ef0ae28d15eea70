/**
 * `npm run soak`: the whole suite again and again, to find the test that depends on chance or on the clock. Prints a
 * line a run and the count; the output of a run that failed is kept in `.cache/soak/`.
 *
 *     npm run soak                              20 times
 *     npm run soak -- --times 5 --load 2        5 times, beside two threads that do nothing but compute
 *     npm run soak -- test/posts/upload.test.ts arguments of test/run.ts: a file, or --test-name-pattern=…
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';

/** More threads than this make the machine unusable and show nothing new. */
const MAX_LOAD = 8;

const root = join(import.meta.dirname, '..');
const kept = join(root, '.cache/soak');
const { values, positionals } = parseArgs({
  options: {
    times: { type: 'string', default: '20' },
    load: { type: 'string', default: '0' },
    'test-name-pattern': { type: 'string' },
  },
  allowPositionals: true,
});
const times = countOf('times', 1, 1_000);
const load = countOf('load', 0, MAX_LOAD);
const pattern = values['test-name-pattern'];
const args = [...(pattern === undefined ? [] : [`--test-name-pattern=${pattern}`]), ...positionals];

await mkdir(kept, { recursive: true });
// They end with this process, however it ends.
const busy = Array.from({ length: load }, () => new Worker('for (;;);', { eval: true }));

let passed = 0;
for (let run = 1; run <= times; run++) {
  const began = performance.now();
  const { code, output } = await runSuite();
  const seconds = Math.round((performance.now() - began) / 1000);
  const [, tests] = /^(?:#|ℹ) tests (\d+)$/m.exec(output) ?? [];
  if (code === 0) passed++;
  else await writeFile(join(kept, `run-${run}.log`), output);
  console.log(
    code === 0
      ? `run ${run} of ${times}: ${tests} tests passed in ${seconds} s`
      : `run ${run} of ${times}: FAILED in ${seconds} s, see .cache/soak/run-${run}.log`,
  );
}
await Promise.all(busy.map((thread) => thread.terminate()));

console.log(
  `${passed} of ${times} runs passed, on Node ${process.versions.node}, ${load} busy threads beside them.`,
);
if (passed < times) process.exitCode = 1;

async function runSuite() {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/run.ts', '--test-reporter=spec', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  // The first argument of 'close' is the exit code, null after a signal.
  return { code: code as number | null, output: stdout + stderr };
}

function countOf(option: 'times' | 'load', min: number, max: number): number {
  const count = Number(values[option]);
  if (Number.isInteger(count) && count >= min && count <= max) return count;
  console.error(`--${option} must be a whole number from ${min} to ${max}.`);
  process.exit(1);
}
