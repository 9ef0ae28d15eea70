/** What `npm test` prints: results. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { it } from 'node:test';

const root = join(import.meta.dirname, '../..');
const limit = { timeout: 300_000 };

/** As a person would run it, not as a part of this run. */
async function run(args: string[], variables: Record<string, string> = {}) {
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  // The last two would be what this run's own terminal is given.
  for (const name of ['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'FORCE_COLOR', 'NO_COLOR'])
    delete env[name];
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], {
    cwd: root,
    env: { ...env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code: Number(code), output: stdout + stderr };
}

it('is results, without what the SDK warns of and the labeler logs', limit, async () => {
  const { code, output } = await run([
    'test/run.ts',
    '--test-reporter=spec',
    'test/labels/labeler-log.test.ts',
  ]);
  assert.equal(code, 0, output);
  assert.match(output, /^ℹ pass [1-9]/m);
  for (const line of output.split('\n').filter((each) => each.trim() !== ''))
    assert.match(line, /^\s*(✔|▶|ℹ)/, 'nothing but results');
});

it('a test that fails shows what its labeler has logged', limit, async () => {
  const sample = ['--test-reporter=spec', '--test', 'test/runner/sample/failing.ts'];
  const passing = await run(sample);
  assert.equal(passing.code, 0, passing.output);
  assert.doesNotMatch(passing.output, /not a photo/);
  const failing = await run(sample, { FAIL: '1' });
  assert.equal(failing.code, 1);
  assert.match(failing.output, /The labeler's log:\n\{"msg":"not a photo, skipped"\}/);
});
