import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createQuota } from '../../src/runtime/quota.ts';

const FOR_EVER = 2 ** 31 - 1;
const refusal = () => new Error('none came free');

/** Takes an amount and notes when it has it. */
function takers(quota: ReturnType<typeof createQuota>) {
  const served: number[] = [];
  return {
    served,
    take: (amount: number) => Promise.resolve(quota.take(amount)).then(() => served.push(amount)),
  };
}

describe('a quota', () => {
  it('gives at once what it has, and the rest when it comes back', async () => {
    const quota = createQuota({ total: 10, waitMs: FOR_EVER, refusal });
    assert.equal(quota.take(6), undefined);
    assert.equal(quota.take(4), undefined);
    const { served, take } = takers(quota);
    const waiting = take(3);
    quota.give(2);
    await setImmediate();
    assert.deepEqual(served, []);
    quota.give(1);
    await waiting;
    assert.deepEqual(served, [3]);
  });

  it('serves who asks for less first, and then who asked first', async () => {
    const quota = createQuota({ total: 10, waitMs: FOR_EVER, refusal });
    quota.take(10);
    const { served, take } = takers(quota);
    const all = Promise.all([take(5), take(2), take(5.5), take(2.5), take(2)]);
    for (let i = 0; i < 20; i++) quota.give(1);
    await all;
    assert.deepEqual(served, [2, 2, 2.5, 5, 5.5]);
  });

  it('lets one pass that asks for what is left, while another waits for more', async () => {
    const quota = createQuota({ total: 10, waitMs: FOR_EVER, refusal });
    quota.take(9);
    const first = quota.take(2);
    await quota.take(1);
    quota.give(2);
    await first;
  });

  it('refuses after a time, and loses nothing by it', async () => {
    const quota = createQuota({ total: 10, waitMs: 5, refusal });
    quota.take(10);
    await assert.rejects(async () => quota.take(1), /none came free/);
    quota.give(10);
    assert.equal(quota.take(10), undefined);
  });

  it('makes room for who waits, as long as there is some to be made', async () => {
    let held = 3;
    const quota = createQuota({
      total: 3,
      waitMs: FOR_EVER,
      refusal,
      makeRoom() {
        if (held === 0) return false;
        held -= 1;
        quota.give(1);
        return true;
      },
    });
    quota.take(3);
    await quota.take(2);
    assert.equal(held, 1);
    await quota.take(1);
    const { served, take } = takers(quota);
    const waiting = take(1);
    await setImmediate();
    assert.deepEqual(served, []);
    // Somebody has become too slow since.
    held = 1;
    quota.admit();
    await waiting;
  });
});
