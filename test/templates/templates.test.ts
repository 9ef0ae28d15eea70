import { equal, match, ok } from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { CelEngine, TemplateFile } from '@aws/cloudformation-validate';
import type { StandardDiagnostic } from '@aws/cloudformation-validate';

import { parameterSets } from './parameter-sets.ts';
import { points } from './points/all.ts';
import { resolve } from './resolve.ts';
import { change, compileStacks } from './stacks.ts';
import type { Stack } from './stacks.ts';

/** Bytes of a template that can be sent without a bucket. */
const bodyLimit = 51_200;

let folder = '';
const engine = new CelEngine();
before(async () => (folder = await mkdtemp(join(tmpdir(), 'templates-'))));
after(async () => {
  engine.free();
  await rm(folder, { recursive: true });
});

function fails({ severity, ruleId }: StandardDiagnostic): boolean {
  return severity === 'FATAL' || severity === 'ERROR' || ruleId === 'W3030';
}

/**
 * What AWS's own validator finds that would fail a deployment. A value outside an enumeration is only its warning
 * W3030.
 */
async function failures(stack: Stack, parameterOverrides: Record<string, string> = {}): Promise<string[]> {
  const path = join(folder, 'template.json');
  await writeFile(path, JSON.stringify(stack));
  const report = engine.validateStandard(new TemplateFile(path), { parameterOverrides });
  equal(report.status, 'OK');
  return report.diagnostics
    .filter(fails)
    .map(({ ruleId, message, entity }) => `${ruleId} ${entity?.logicalId}: ${message}`);
}

describe("AWS's validator finds nothing that would fail a deployment", () => {
  for (const name of ['serverless', 'server'] as const) {
    test(`${name}, parameters not known`, async () => {
      equal((await failures(compileStacks()[name])).join('\n'), '');
    });
    for (const [given, parameters] of Object.entries(parameterSets[name])) {
      test(`${name}, ${given}`, async () => {
        const ids = Object.entries(parameters).filter(([, value]) => value !== '');
        equal((await failures(compileStacks()[name], Object.fromEntries(ids))).join('\n'), '');
      });
    }
  }
});

test("AWS's validator is listened to: an unknown property and a value outside an enumeration are failures", async () => {
  const { server } = compileStacks();
  change(server, 'Targets.Properties.HealthPath', '/health');
  change(server, 'Targets.Properties.Protocol', 'HTPP');
  const found = await failures(server);
  ok(
    found.some((failure) => failure.includes('HealthPath')),
    found.join('\n'),
  );
  ok(
    found.some((failure) => failure.includes('HTPP')),
    found.join('\n'),
  );
});

test('both templates can be sent without a bucket, with a fifth to spare', () => {
  const { serverless, server } = compileStacks();
  ok(Buffer.byteLength(JSON.stringify(serverless)) < bodyLimit * 0.8);
  ok(Buffer.byteLength(JSON.stringify(server)) < bodyLimit * 0.8);
});

test('the longest names of buckets are such that S3 takes', () => {
  const { serverless } = compileStacks();
  const longest = 'a23456789012345';
  match(longest, new RegExp(String(serverless.Parameters['Stage']?.['AllowedPattern'])));
  equal(new RegExp(String(serverless.Parameters['Stage']?.['AllowedPattern'])).test(`${longest}6`), false);
  const { Resources } = resolve(serverless, { ...parameterSets.serverless['nothing given'], Stage: longest });
  for (const [id, kind] of Object.entries({ ImageBucket: 'images', RenditionsBucket: 'rendered' })) {
    const name = String(Resources[id]?.Properties?.['BucketName']);
    equal(name, `postagram-${kind}-${longest}-123456789012-eu-west-1`);
    // The longest names of regions have 14 characters: ap-southeast-1.
    ok(name.length + 'ap-southeast-1'.length - 'eu-west-1'.length <= 63);
  }
});

for (const [topic, claims] of Object.entries(points))
  describe(topic, () => {
    for (const { claim, check } of claims) test(claim, () => check(compileStacks()));
  });

test('docs/aws-only.md tells every point with its documentation, and no other', async () => {
  const told = await readFile(new URL('../../docs/aws-only.md', import.meta.url), 'utf8');
  const expected = Object.entries(points).flatMap(([topic, claims]) => [
    `## ${topic}`,
    ...claims.map(({ claim, documentation }) => `- [${claim}](${documentation})`),
  ]);
  equal(told.match(/^(?:## |- \[).*$/gm)?.join('\n'), expected.join('\n'));
});
