import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createBudget } from '../../src/http/budget.ts';
import { HttpError } from '../../src/http/call.ts';

/** A budget whose clock the test turns. */
function budgetOf(perMinute: number) {
  const clock = { ms: 1_000 };
  const { spend } = createBudget('posts', perMinute, () => clock.ms);
  return {
    clock,
    spend,
    /** @returns the seconds to wait when refused */
    refused(spender: string): number | undefined {
      try {
        spend(spender);
        return undefined;
      } catch (error) {
        assert.ok(error instanceof HttpError);
        assert.equal(error.status, 429);
        return Number(error.headers['retry-after']);
      }
    },
  };
}

it('as many a minute as it says, then 429 until there is one again', () => {
  const { clock, spend, refused } = budgetOf(3);
  for (let i = 0; i < 3; i++) spend('ann');
  assert.equal(refused('ann'), 20);
  clock.ms += 19_000;
  assert.equal(refused('ann'), 1, 'a refusal costs nothing');
  clock.ms += 1_000;
  assert.equal(refused('ann'), undefined);
  assert.equal(refused('ann'), 20);
});

it('after what Retry-After says there is one, whatever the number', () => {
  for (const perMinute of [1, 7, 59, 61, 600, 999_983]) {
    const { clock, spend, refused } = budgetOf(perMinute);
    for (let i = 0; i < perMinute; i++) spend('ann');
    const seconds = refused('ann');
    assert.ok(seconds !== undefined && seconds >= 1, `${perMinute}`);
    clock.ms += seconds * 1_000;
    assert.equal(refused('ann'), undefined, `${perMinute}`);
  }
});

it('does not save up: an hour of rest gives one minute', () => {
  const { clock, spend, refused } = budgetOf(2);
  spend('ann');
  clock.ms += 3_600_000;
  for (let i = 0; i < 2; i++) spend('ann');
  assert.equal(refused('ann'), 30);
});

it("one's spending is not another's", () => {
  const { spend, refused } = budgetOf(1);
  spend('ann');
  assert.equal(refused('bob'), undefined);
  assert.equal(refused('ann'), 60);
});

it('0 is no limit', () => {
  const { spend } = budgetOf(0);
  for (let i = 0; i < 10_000; i++) spend('ann');
});

it('a crowd makes it forget those who are quiet, and nobody who is not', () => {
  const { spend, refused } = budgetOf(1);
  spend('quiet');
  spend('busy');
  for (let i = 0; i < 10_000; i++) {
    spend(`one of the crowd ${i}`);
    if (i % 1_000 === 0) assert.equal(refused('busy'), 60);
  }
  assert.equal(refused('quiet'), undefined, 'what it remembers is bounded');
  assert.equal(refused('busy'), 60);
});
