/**
 * 5,000 requests that nobody thought of. The seed is printed; FUZZ_SEED=… makes the same ones again, and FUZZ_PATH=… (from
 * the failure) the one that failed.
 */
import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { after, afterEach, it, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import { eventually } from '../../support/eventually.ts';
import { type RawAnswer, talk } from '../../support/raw-http.ts';
import { openCloud, startServer } from '../../support/service.ts';
import { apiCall, make } from './calls.ts';
import { conversation, fairConversation } from './conversations.ts';

const BATCH = 25;

const { env } = await openCloud({ after }, { labels: false });
const { url, logs, child, stderr } = await startServer(
  { after },
  { ...env, LOG_LEVEL: 'debug', POSTS_PER_MINUTE: '0', UPLOADS_PER_MINUTE: '0' },
);

/** Tries `count` of these, a batch at a time. */
async function fuzz<T>(t: TestContext, of: fc.Arbitrary<T>, count: number, holds: (one: T) => Promise<void>) {
  const { FUZZ_SEED, FUZZ_PATH } = process.env;
  const seed = FUZZ_SEED === undefined ? Math.trunc(Math.random() * 0x7fffffff) : Number(FUZZ_SEED);
  t.diagnostic(`FUZZ_SEED=${seed}`);
  const batch = fc.array(of, { minLength: BATCH, maxLength: BATCH });
  const property = fc.asyncProperty(batch, async (all) => {
    await Promise.all(all.map(holds));
  });
  const path = FUZZ_PATH === undefined ? {} : { path: FUZZ_PATH };
  // One of a batch is soon found by hand; looking for a smaller one would take longer than the run.
  await fc.assert(property, { seed, numRuns: count / BATCH, endOnFailure: true, ...path });
}

/** Lines of the log by id. Grows with the log. */
const lines = new Map<unknown, { status: unknown; count: number }>();
let read = 0;

function lineOf(id: string) {
  for (; read < logs.length; read++) {
    const { id: logged, status } = logs[read] ?? {};
    lines.set(logged, { status, count: (lines.get(logged)?.count ?? 0) + 1 });
  }
  return lines.get(id);
}

/** What holds of every answer: no 5xx, an id that the log has once, and a problem document when it refuses. */
async function assertSound({ status, headers, text }: RawAnswer): Promise<void> {
  assert.ok(status >= 200 && status < 500, `${status} ${text}`);
  const id = headers.get('x-request-id') ?? '';
  assert.match(id, /^[0-9a-f-]{36}$/);
  await eventually(() => assert.deepEqual(lineOf(id), { status, count: 1 }));
  assert.ok(headers.get('access-control-allow-origin'));
  // An answer to HEAD has none.
  if (status < 400 || text === '') return;
  // What stands at / when the web app is not built.
  if (status === 404 && text.startsWith('The web app is not built')) return;
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json(;|$)/);
  const problem: unknown = JSON.parse(text);
  assert.ok(typeof problem === 'object' && problem !== null && 'detail' in problem && 'status' in problem);
  assert.equal(problem.status, status);
}

afterEach(() => {
  assert.deepEqual(
    logs.filter(({ err, error }) => err !== undefined || error !== undefined),
    [],
    'nothing failed at our end',
  );
  assert.equal(child.exitCode, null, stderr());
});

it('whatever is sent, in whatever pieces: answered, logged and closed', async (t) => {
  await fuzz(t, conversation, 1_500, async ({ parts, ...options }) => {
    const { answers, closed } = await talk(url, parts, { ...options, heads: true, quiet: 30 });
    assert.ok(closed, 'the server closes when the client has');
    for (const answer of answers) await assertSound(answer);
  });
});

it('each of the requests that HTTP allows has one answer, in whatever pieces and whatever it upgrades to', async (t) => {
  await fuzz(t, fairConversation, 1_000, async ({ parts, requests }) => {
    const { answers, closed, rest } = await talk(url, parts, { heads: true });
    assert.deepEqual([answers.length, rest, closed], [requests, '', true]);
    for (const answer of answers) await assertSound(answer);
  });
});

it('calls of the API with hostile values are answered', async (t) => {
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  await fuzz(t, apiCall, 2_500, async (call) => assertSound(await make(url, agent, call)));
});
