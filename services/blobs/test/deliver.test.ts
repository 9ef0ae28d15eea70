import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Due } from '../callback-store.ts';
import { createDeliver } from '../deliver.ts';
import { safePost } from '../safe-post.ts';

const SECRET = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';

/** Tries of one callback at times of the test's choice, against a receiver that it plays itself. */
function attempts(answer: () => Promise<{ status: number; retryAfter: string | undefined }>) {
  const start = new Date('2030-01-01T00:00:00Z');
  const done: string[] = [];
  let now = start;
  const due: Due = { id: 'a', webhook_id: 'w', callback_tries: 0 };
  const claimed = { ...due, callback_url: 'https://example.org/', give_up: '2030-01-02T00:00:00.000Z' };
  const deliver = createDeliver({
    callbacks: {
      claim: async ({ callback_tries }) => ({ ...claimed, callback_tries: callback_tries + 1 }),
      delivered: async () => void done.push('delivered'),
      postpone: async (_, until) => {
        done.push(`${(until.getTime() - now.getTime()) / 60_000}`);
        now = until;
      },
      bury: async (_, __, problem) => void done.push(problem),
    },
    post: answer,
    secrets: [SECRET],
    log: () => undefined,
    now: () => now,
  });
  return { done, at: (tries: number) => deliver({ ...due, callback_tries: tries }) };
}

test('pauses grow, until a day is over', async () => {
  const { done, at } = attempts(async () => ({ status: 500, retryAfter: undefined }));
  for (let tries = 0; tries < 9; tries++) await at(tries);
  assert.deepEqual(done, [
    '1',
    '5',
    '15',
    '60',
    '180',
    '360',
    '360',
    '360',
    'given up after a day: the receiver answered 500',
  ]);
});

test('retry-after makes a pause longer, in seconds or as a date', async () => {
  for (const [retryAfter, pause] of [
    ['600', '10'],
    ['1', '1'],
    ['Tue, 01 Jan 2030 02:00:00 GMT', '120'],
    ['soon', '1'],
  ] as const) {
    const { done, at } = attempts(async () => ({ status: 429, retryAfter }));
    await at(0);
    assert.deepEqual(done, [pause]);
  }
});

test('an address that is not allowed is a failure with its reason, tried again as others', async () => {
  const { done, at } = attempts(() =>
    safePost('https://innocent.example/', { headers: {}, body: '' }, { loopback: false }, async () => [
      { address: '10.0.0.1', family: 4 },
    ]).then(({ status }) => ({ status, retryAfter: undefined })),
  );
  await at(0);
  assert.deepEqual(done, ['1']);
});
