/** What was made for one, for all who ask for the same at about the same time. */
type Entry<T> = { value: Promise<T>; began: number; bytes: number | undefined };

/**
 * Makes an answer once for all who ask for it while it is made, and in the time after that. A failure reaches those who
 * wait for it, and is not kept.
 * @param options.ms for how long an answer is given out, from when its making began: none is older when it is asked for,
 * unless it is still being made
 * @param options.bytes what all that are kept may have; the oldest go first, and one that has more is not kept at all
 * @param options.sizeOf bytes of an answer
 * @param options.now clock in ms
 */
export function createShared<T>({
  ms,
  bytes: most,
  sizeOf,
  now = () => performance.now(),
}: {
  ms: number;
  bytes: number;
  sizeOf: (value: T) => number;
  now?: (() => number) | undefined;
}) {
  /** In the order in which their making began. */
  const entries = new Map<string, Entry<T>>();
  let kept = 0;

  /** @param make is called by the first who asks */
  return (key: string, make: () => Promise<T>): Promise<T> => {
    const time = now();
    for (const [old, { began, bytes }] of entries) {
      if (time - began < ms) break;
      if (bytes !== undefined) drop(old, bytes);
    }
    const known = entries.get(key);
    if (known) return known.value;
    const entry: Entry<T> = { value: make(), began: time, bytes: undefined };
    entries.set(key, entry);
    entry.value.then(
      (value) => keep(key, entry, sizeOf(value)),
      () => entries.delete(key),
    );
    return entry.value;
  };

  function keep(key: string, entry: Entry<T>, bytes: number): void {
    entry.bytes = bytes;
    kept += bytes;
    if (bytes > most) return drop(key, bytes);
    for (const [old, other] of entries) {
      if (kept <= most) return;
      if (other !== entry && other.bytes !== undefined) drop(old, other.bytes);
    }
  }

  function drop(key: string, bytes: number): void {
    entries.delete(key);
    kept -= bytes;
  }
}
