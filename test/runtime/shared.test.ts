import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createShared } from '../../src/runtime/shared.ts';
import { gate } from '../support/fault-proxy.ts';

/** What is shared is its own size; `made` counts how often it was made. */
function sharing(bytes: number) {
  const clock = { now: 0 };
  const shared = createShared<number>({ ms: 1_000, bytes, sizeOf: (size) => size, now: () => clock.now });
  const made: string[] = [];
  const get = (key: string, size = 1) =>
    shared(key, async () => {
      made.push(key);
      return size;
    });
  return { clock, shared, made, get };
}

describe('what is shared', () => {
  it('is made once in the time that it is given out', async () => {
    const { clock, made, get } = sharing(100);
    assert.equal(await get('a', 7), 7);
    clock.now = 999;
    assert.equal(await get('a', 8), 7);
    clock.now = 1_000;
    assert.equal(await get('a', 9), 9);
    assert.deepEqual(made, ['a', 'a']);
  });

  it('has no more bytes together than are allowed: the oldest go first', async () => {
    const { made, get } = sharing(10);
    await get('a', 4);
    await get('b', 4);
    await get('c', 4);
    await get('b', 4);
    await get('c', 4);
    assert.deepEqual(made.splice(0), ['a', 'b', 'c']);
    await get('a', 4);
    assert.deepEqual(made, ['a']);
  });

  it('gives the place of what is over to what comes', async () => {
    const { clock, made, get } = sharing(10);
    await get('a', 6);
    clock.now = 1_000;
    for (const key of ['b', 'c', 'b', 'c']) await get(key, 5);
    assert.deepEqual(made, ['a', 'b', 'c']);
  });

  it('is not kept when it is larger than all may be, and costs no other its place', async () => {
    const { made, get } = sharing(10);
    await get('a', 10);
    assert.equal(await get('b', 11), 11);
    await get('a', 10);
    await get('b', 11);
    assert.deepEqual(made, ['a', 'b', 'b']);
  });

  it('is waited for by all, however long it takes, and its failure reaches all of them', async () => {
    const { clock, shared, made } = sharing(10);
    const held = gate();
    const fail = async () => {
      made.push('a');
      await held.opened;
      throw new Error('no');
    };
    const first = shared('a', fail);
    clock.now = 5_000;
    const second = shared('a', fail);
    held.open();
    for (const answer of [first, second]) await assert.rejects(answer, /no/);
    assert.deepEqual(made, ['a']);
    await assert.rejects(shared('a', fail), /no/);
    assert.deepEqual(made, ['a', 'a']);
  });
});
