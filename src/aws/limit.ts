import type { MiddlewareStack } from '@smithy/types';
import { createQuota } from '../runtime/quota.ts';

/** More calls wait for AWS than it answers: this one waited its time and was not made. */
export class CallsFull extends Error {
  override name = 'CallsFull';
}

/**
 * Lets a client make so many calls at a time; the others wait in line. A call counts until its answer is read: what is read
 * of AWS at a time is bounded with it.
 * @param most calls at a time, no more than the client has sockets: a call that waits for a socket would fail by the
 * `connectionTimeout`
 * @param waitMs after this time in line a call fails with CallsFull
 */
export function limitCalls<Input extends object, Output extends object>(
  client: { middlewareStack: MiddlewareStack<Input, Output> },
  { most, waitMs }: { most: number; waitMs: number },
): void {
  const refusal = () => new CallsFull(`waited ${waitMs} ms behind ${most} calls to AWS`);
  const calls = createQuota({ total: most, waitMs, refusal });
  client.middlewareStack.add(
    (next) => async (args) => {
      const wait = calls.take(1);
      if (wait) await wait;
      try {
        return await next(args);
      } finally {
        calls.give(1);
      }
    },
    // First of all: retries count as one call.
    { step: 'initialize', priority: 'high', name: 'limitCalls' },
  );
}
