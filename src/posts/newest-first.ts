/** A part of a list. `last` says that nothing follows; the end may also come without. */
export type Page<T> = { items: T[]; last: boolean };

export type List<T> = AsyncGenerator<Page<T>, void>;

/**
 * Merges lists that are each sorted by descending `id` into one, page by page.
 * Holds one page of each list at the most, the merged one included. The next pages of all lists that ran dry are fetched
 * together, and none of a list that has said that it ends.
 */
export async function* newestFirst<T extends { id: string }>(lists: List<T>[]): List<T> {
  let heads: Head<T>[] = lists.map((list) => ({ list, rest: [], last: false }));
  try {
    while (heads.length > 0) {
      await Promise.all(heads.filter(isDry).map(refill));
      heads = heads.filter((head) => !isDry(head));
      const items: T[] = [];
      while (heads.length > 0) {
        const { head, item } = takeNewest(heads);
        items.push(item);
        if (!isDry(head)) continue;
        // Nothing may be taken past the end of a page: the next page of that list could hold the newest.
        if (!head.last) break;
        heads = heads.filter((other) => other !== head);
      }
      if (items.length > 0) yield { items, last: heads.length === 0 };
    }
  } finally {
    await Promise.all(lists.map((list) => list.return()));
  }
}

/** `rest` is what was not taken yet, the newest at the end. */
type Head<T> = { list: List<T>; rest: T[]; last: boolean };

const isDry = <T>(head: Head<T>): boolean => head.rest.length === 0;

async function refill<T>(head: Head<T>): Promise<void> {
  let next = await head.list.next();
  // A page can be empty while there is more.
  while (!next.done && next.value.items.length === 0) next = await head.list.next();
  head.rest = next.done ? [] : next.value.items.toReversed();
  head.last = next.done ? true : next.value.last;
}

function takeNewest<T extends { id: string }>(heads: Head<T>[]): { head: Head<T>; item: T } {
  let newest: { head: Head<T>; item: T } | undefined;
  for (const head of heads) {
    const item = head.rest.at(-1);
    if (item && (!newest || item.id > newest.item.id)) newest = { head, item };
  }
  if (!newest) throw new Error('takeNewest needs lists that are not dry');
  newest.head.rest.pop();
  return newest;
}
