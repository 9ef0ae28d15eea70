/** How long a found post is remembered, in ms. Another process may delete it meanwhile: the labeler removes late uploads. */
const REMEMBER = 5_000;

/** Pairs remembered at the most, ~200 bytes each. */
const MAX_PAIRS = 10_000;

/**
 * Remembers for 5 s in this process that a post is a user's. Only a yes is remembered.
 * @param has asks the store
 * @param now clock in ms
 */
export function rememberOwners(
  has: (user: string, id: string) => Promise<boolean>,
  now: () => number = Date.now,
) {
  const until = new Map<string, number>();
  return {
    async owns(user: string, id: string): Promise<boolean> {
      const known = until.get(pair(user, id));
      if (known !== undefined && known > now()) return true;
      const found = await has(user, id);
      if (found) {
        if (until.size >= MAX_PAIRS) until.clear();
        until.set(pair(user, id), now() + REMEMBER);
      }
      return found;
    },

    forget(user: string, id: string): void {
      until.delete(pair(user, id));
    },
  };
}

// A user name has no `#`, an id has one: the pair cannot be read in two ways.
const pair = (user: string, id: string): string => `${user} ${id}`;
