import { deepEqual } from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { readHandlers } from '../../deploy/policy/schemas.ts';

test("what resource types need is what AWS's schemas say: else run npx tsx scripts/deployer-policy.ts", async () => {
  const kept = new URL('../../deploy/policy/handlers.json', import.meta.url);
  deepEqual(JSON.parse(await readFile(kept, 'utf8')), await readHandlers());
});
