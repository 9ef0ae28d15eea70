import { equal, match, notEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { loadService, serviceNames } from '../../services/services.ts';
import { parameterSets } from '../templates/parameter-sets.ts';
import { change, compileStacks } from '../templates/stacks.ts';
import type { Stack } from '../templates/stacks.ts';

const cfnLint = new URL('../../.cache/venv/bin/cfn-lint', import.meta.url).pathname;

/**
 * Runs cfn-lint once over a template with many sets of parameters.
 *
 * @returns exit code (0: not even a warning) and what it found
 */
async function lint(t: TestContext, stack: Stack, sets: Record<string, string>[]) {
  const folder = await mkdtemp(join(tmpdir(), 'cfn-lint-'));
  t.after(() => rm(folder, { recursive: true }));
  const template = join(folder, 'template.json');
  await writeFile(template, JSON.stringify(stack));
  const deployments = await Promise.all(
    sets.map(async (set, index) => {
      const path = join(folder, `${index}.json`);
      const parameters = Object.entries(set).map(([name, value]) => [name, asDeclared(stack, name, value)]);
      await writeFile(
        path,
        JSON.stringify({ 'template-file-path': template, parameters: Object.fromEntries(parameters) }),
      );
      return path;
    }),
  );
  const { status, stdout, stderr, error } = spawnSync(
    cfnLint,
    ['--regions', 'eu-west-1', 'us-east-1', '--deployment-files', ...deployments],
    { encoding: 'utf8' },
  );
  equal(error, undefined);
  return { status, found: stdout + stderr };
}

/** A deployment file has lists as lists. */
function asDeclared(stack: Stack, name: string, value: string): string | string[] {
  if (stack.Parameters[name]?.['Type'] !== 'CommaDelimitedList') return value;
  return value === '' ? [] : value.split(',');
}

for (const name of ['serverless', 'server'] as const) {
  const sets = Object.values(parameterSets[name]);
  test(`cfn-lint has nothing to say about ${name}, in all ${sets.length} combinations of its conditions`, async (t) => {
    const { status, found } = await lint(t, compileStacks()[name], sets);
    equal(found, '');
    equal(status, 0);
  });
}

for (const name of serviceNames()) {
  test(`cfn-lint has nothing to say about the stacks of ${name}`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'cfn-lint-'));
    t.after(() => rm(folder, { recursive: true }));
    const { stacks } = await loadService(name);
    for (const { name: part, template } of stacks) {
      const path = join(folder, `${part}.json`);
      await writeFile(path, JSON.stringify(await template()));
      const { status, stdout, stderr } = spawnSync(
        cfnLint,
        ['--regions', 'eu-west-1', 'us-east-1', '--', path],
        {
          encoding: 'utf8',
        },
      );
      equal(stdout + stderr, '');
      equal(status, 0);
    }
  });
}

test('cfn-lint is listened to: a combination that cannot be deployed is found', async (t) => {
  const { server } = compileStacks();
  change(server, 'Fleet.DependsOn', 'PublicRoute');
  const { status, found } = await lint(t, server, Object.values(parameterSets.server));
  notEqual(status, 0);
  match(found, /E3005 'PublicRoute' will not exist when condition 'OwnVpc' is False/);
});

test('cfn-lint sees the parameters: a role that is none is found', async (t) => {
  const { serverless } = compileStacks();
  const { status, found } = await lint(t, serverless, [
    { ...parameterSets.serverless['nothing given'], RoleArn: 'LabRole' },
  ]);
  notEqual(status, 0);
  match(found, /RoleArn/);
});
