import { AssertionError, deepEqual } from 'node:assert/strict';
import { test } from 'node:test';

import { allPoints } from './points/all.ts';
import { compileStacks } from './stacks.ts';
import type { Stacks } from './stacks.ts';

function refuted(stacks: Stacks): string[] {
  return allPoints
    .filter(({ check }) => {
      try {
        check(stacks);
        return false;
      } catch (error) {
        if (error instanceof AssertionError) return true;
        throw error;
      }
    })
    .map(({ claim }) => claim);
}

for (const { claim, spoil } of allPoints)
  test(`spoiling it refutes this and nothing else: ${claim}`, () => {
    const stacks = compileStacks();
    spoil(stacks);
    deepEqual(refuted(stacks), [claim]);
  });
