/** The GitHub Actions workflow and the trust policy of docs/deploy.md, which people copy as they stand there. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { repository } from './ministack.ts';

const doc = await readFile(join(repository, 'docs/deploy.md'), 'utf8');

/** The one block of a language. */
function block(language: string): string {
  const found = [...doc.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))];
  assert.equal(found.length, 1, `blocks of ${language}`);
  return found[0]?.[1] ?? '';
}

const workflow = block('yaml');

/** What the schema of workflows that check-jsonschema carries (SchemaStore's) says of one. */
async function lint(t: TestContext, text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'workflow-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'deploy.yml');
  await writeFile(path, text);
  const { status, stdout, stderr, error } = spawnSync(
    join(repository, '.cache/venv/bin/check-jsonschema'),
    ['--builtin-schema', 'vendor.github-workflows', path],
    { encoding: 'utf8' },
  );
  assert.equal(error, undefined);
  return { status, said: stdout + stderr };
}

test('the workflow is one to GitHub', async (t) => {
  const { status, said } = await lint(t, workflow);
  assert.equal(status, 0, said);
});

const spoiled: [what: string, from: string, to: string, found: RegExp][] = [
  ['a misspelt key of the job', 'environment: prod', 'enviroment: prod', /'enviroment' was unexpected/],
  ['a right that is none', 'id-token: write', 'id-token: wirte', /'wirte' is not one of/],
  ['a misspelt event filter', 'branches: [main]', 'branchs: [main]', /branchs/],
  ['a step that does nothing', 'run: npm ci', 'runs: npm ci', /runs/],
];
for (const [what, from, to, found] of spoiled)
  test(`the schema is listened to: ${what}`, async (t) => {
    assert.ok(workflow.includes(from), from);
    const { status, said } = await lint(t, workflow.replace(from, to));
    assert.equal(status, 1);
    assert.match(said, found);
  });

test('the job has what the trust policy asks for, and nobody else has', () => {
  const [, environment] = /^ {4}environment: (\S+)$/m.exec(workflow) ?? [];
  assert.deepEqual(JSON.parse(block('json')), {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: {
          Federated: 'arn:aws:iam::ACCOUNT:oidc-provider/token.actions.githubusercontent.com',
        },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          // No wildcard: one repository, one environment.
          StringEquals: {
            'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
            'token.actions.githubusercontent.com:sub': `repo:OWNER/REPOSITORY:environment:${environment}`,
          },
        },
      },
    ],
  });
  assert.match(workflow, /^ {2}id-token: write$/m);
  assert.ok(workflow.includes(`--stage ${environment} `), 'the environment deploys the stage of its name');
  // Other people's code runs before there are credentials.
  const order = [
    'run: npm ci',
    'run: npm test',
    'uses: aws-actions/configure-aws-credentials@',
    'run: npx tsx',
  ];
  const places = order.map((step) => workflow.indexOf(step));
  assert.ok(!places.includes(-1), String(places));
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
});
