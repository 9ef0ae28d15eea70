import { HttpError } from './call.ts';

const MINUTE = 60_000;

/**
 * Spenders remembered: this many of the latest for sure, twice as many at the most, which is 3.4 MB with names of 64 characters.
 * Who is forgotten starts anew: a refusal instead would let a crowd shut everybody out.
 */
const SPENDERS = 5_000;

export type Budget = ReturnType<typeof createBudget>;

/**
 * What each spender may have a minute, kept in this process: a bucket that starts full and fills at an even rate.
 * @param what is counted, in words for the refusal
 * @param perMinute how many; 0 is no limit
 * @param now clock in ms
 */
export function createBudget(what: string, perMinute: number, now: () => number = () => performance.now()) {
  let latest = new Map<string, { spent: number; at: number }>();
  let before = latest;

  return {
    /** @throws HttpError 429 with Retry-After when the spender has nothing left */
    spend(spender: string): void {
      if (perMinute === 0) return;
      const at = now();
      const known = latest.get(spender) ?? before.get(spender);
      const spent = known ? Math.max(0, known.spent - ((at - known.at) * perMinute) / MINUTE) : 0;
      const refused = spent + 1 > perMinute;
      latest.set(spender, { spent: refused ? spent : spent + 1, at });
      // Two generations instead of one map in order of use: finding the oldest key of such a map takes 14 µs.
      if (latest.size >= SPENDERS) [before, latest] = [latest, new Map()];
      if (!refused) return;
      const seconds = Math.ceil(((spent + 1 - perMinute) * MINUTE) / perMinute / 1000);
      throw new HttpError(429, `Too many ${what}: ${perMinute} a minute. Try again in ${seconds} s.`, {
        'retry-after': String(seconds),
      });
    },
  };
}
