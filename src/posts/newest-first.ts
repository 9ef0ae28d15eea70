/**
 * Merges lists that are each sorted by descending `id` into one, page by page.
 * Holds one page of each list at the most, the merged one included. The next pages of all lists that ran dry are fetched
 * together.
 */
export async function* newestFirst<T extends { id: string }>(
  lists: AsyncGenerator<T[]>[],
): AsyncGenerator<T[]> {
  let heads = lists.map((list) => ({ list, rest: [] as T[] }));
  try {
    while (heads.length > 0) {
      await Promise.all(heads.filter(isDry).map(refill));
      heads = heads.filter((head) => !isDry(head));
      const merged: T[] = [];
      // Nothing may be taken past the end of a page: the next page of that list could hold the newest.
      while (heads.length > 0 && !heads.some(isDry)) merged.push(takeNewest(heads));
      if (merged.length > 0) yield merged;
    }
  } finally {
    await Promise.all(lists.map((list) => list.return(undefined)));
  }
}

/** `rest` is what was not taken yet, the newest at the end. */
type Head<T> = { list: AsyncGenerator<T[]>; rest: T[] };

const isDry = <T>(head: Head<T>): boolean => head.rest.length === 0;

async function refill<T>(head: Head<T>): Promise<void> {
  let next = await head.list.next();
  // A page can be empty while there is more.
  while (!next.done && next.value.length === 0) next = await head.list.next();
  head.rest = next.done ? [] : next.value.toReversed();
}

function takeNewest<T extends { id: string }>(heads: Head<T>[]): T {
  let newest: { head: Head<T>; item: T } | undefined;
  for (const head of heads) {
    const item = head.rest.at(-1);
    if (item && (!newest || item.id > newest.item.id)) newest = { head, item };
  }
  if (!newest) throw new Error('takeNewest needs lists that are not dry');
  newest.head.rest.pop();
  return newest.item;
}
