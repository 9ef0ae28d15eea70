import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { startIssuer } from '../support/issuer.ts';
import { type Environment, openCloud, startServer } from '../support/service.ts';

const run = promisify(execFile);
const schemathesis = new URL('../../.cache/venv/bin/schemathesis', import.meta.url).pathname;

/**
 * A cursor names a post and its list, and is no good without a limit. No schema says which texts do, so that any other is
 * refused with 422; and so are `user` and `id_user` together.
 */
const CURSORS = ['GET', 'HEAD'].map(
  (method) => `
[[operations]]
include-name = "${method} /posts"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "304", "422"]
`,
);

/** A post that was just made has no photo: it is not found. */
const PHOTOLESS = ['GET', 'HEAD'].map(
  (method) => `
[[operations]]
include-name = "${method} /posts/{id}/image"
[operations.checks.ensure_resource_availability]
enabled = false
`,
);

/** Valid input is also answered 304, beside what schemathesis expects by itself. */
const KNOWN = `
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "304", "401", "403", "404", "409", "5xx"]
`;

/** Test cases an operation has in each phase. */
const CASES = '40';

const { env } = await openCloud({ after }, { labels: false });

/**
 * Lets schemathesis try the API as /openapi.json describes it. Its output, with seed and curl lines, is the failure.
 * @param auth how it says who is calling, as schemathesis.toml has it
 */
async function assertConforms(t: TestContext, environment: Environment, auth: string, ...options: string[]) {
  const budgets = { POSTS_PER_MINUTE: '0', UPLOADS_PER_MINUTE: '0' };
  const { url } = await startServer({ after }, { ...env, ...budgets, ...environment });
  // It leaves its notes where it runs.
  const cwd = await mkdtemp(join(tmpdir(), 'postagram-schemathesis-'));
  await writeFile(
    join(cwd, 'schemathesis.toml'),
    [`[auth.openapi.caller]\n${auth}\n`, KNOWN, ...CURSORS, ...PHOTOLESS].join(''),
  );
  try {
    const seed = process.env.FUZZ_SEED ?? '1';
    const how = [
      '--no-color',
      `--seed=${seed}`,
      `--max-examples=${CASES}`,
      '--continue-on-failure',
      ...options,
    ];
    const { stdout } = await run(schemathesis, ['run', ...how, `${url}/openapi.json`], {
      cwd,
      timeout: 300_000,
      maxBuffer: 64 * 1024 * 1024,
    }).catch((error: { stdout: string }) => assert.fail(error.stdout));
    t.diagnostic(/^ +(\d+ generated.*)$/m.exec(stdout)?.[1] ?? '');
    const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object };
    const operations = Object.values(paths).flatMap((path: object) => Object.keys(path));
    // It leaves out the document itself.
    assert.match(stdout, new RegExp(`Tested: ${operations.length - 1}$`, 'm'), stdout);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

it('the API is as /openapi.json says, whoever proves to be calling', async (t) => {
  const issuer = await startIssuer({ after });
  await assertConforms(t, issuer.environment, `bearer = "${issuer.token()}"`);
});

it('the API is as /openapi.json says, whoever says to be calling', async (t) => {
  // Any name is believed there: none that is invented can be refused.
  await assertConforms(t, {}, 'api_key = "ada"', '--exclude-checks=ignored_auth');
});
