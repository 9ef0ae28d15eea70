/** What this browser remembers. Storage may be forbidden or full: then the page forgets, and works all the same. */
export function recall(key: string): string | undefined {
  try {
    return localStorage.getItem(`postagram.${key}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** @param value `undefined` forgets */
export function remember(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(`postagram.${key}`);
    else localStorage.setItem(`postagram.${key}`, value);
  } catch {
    // Nothing to do: the choice lasts as long as the page.
  }
}
