import { useEffect, useLayoutEffect, useReducer, useRef, useState, type RefObject } from 'react';
import type { Place } from './places.ts';
import { GAP } from './rows.ts';

/** What of a list is on the page: rows, and the space of those between them that are not, in pixels. */
type Piece<R> = { row: R; index: number } | { space: number; key: string };
type Measured = { key: string; estimate: number; tiles: readonly { post: { id: string } }[] };

/** Share of the window's height within which rows above and below it are on the page, too. */
const BEYOND = 0.4;

/** Rows that are being written in, or that have the focus, stay wherever the reader scrolls. */
const BUSY = ':scope > :is(:focus-within, :has(form, textarea))';

/**
 * Keeps only the rows near the window on the page, so that a long list costs no more than a short one.
 * @param list the element whose children the cards are; each names the key of its row in `data-row`
 * @param place remembers heights and where the reader is
 * @param restore start where the reader was
 */
export function useRowWindow<R extends Measured>(
  list: RefObject<HTMLElement | null>,
  rows: readonly R[],
  place: Place,
  restore: boolean,
): Piece<R>[] {
  const [shown, setShown] = useState<readonly string[]>([]);
  const [, measured] = useReducer((times: number) => times + 1, 0);
  const offsets = offsetsOf(rows, place.heights);

  const look = useRef(() => {});
  look.current = () => {
    const element = list.current;
    // Before its width is known a list has no rows, and nobody is anywhere in it.
    if (!element || rows.length === 0) return;
    const { top } = element.getBoundingClientRect();
    const margin = window.innerHeight * BEYOND;
    const busy = new Set([...element.querySelectorAll<HTMLElement>(BUSY)].map(({ dataset }) => dataset.row));
    const near = rows.filter(({ key }, i) => {
      const begins = top + (offsets[i] ?? 0);
      const ends = top + (offsets[i + 1] ?? 0);
      return (ends > -margin && begins < window.innerHeight + margin) || busy.has(key);
    });
    setShown((before) => {
      const keys = near.map(({ key }) => key);
      return keys.join() === before.join() ? before : keys;
    });
    const first = rows.findIndex((_, i) => top + (offsets[i + 1] ?? 0) > 0);
    const id = rows[first]?.tiles[0]?.post.id;
    place.at = id === undefined ? undefined : { id, top: top + (offsets[first] ?? 0) };
  };

  const isRestored = useRef(!restore);
  useLayoutEffect(() => {
    const { at } = place;
    if (!isRestored.current && list.current && rows.length > 0) {
      isRestored.current = true;
      const index = rows.findIndex(({ tiles }) => tiles.some(({ post }) => post.id === at?.id));
      const top = list.current.getBoundingClientRect().top + window.scrollY + (offsets[index] ?? 0);
      if (at && index !== -1) window.scrollTo({ top: top - at.top, behavior: 'instant' });
    }
    look.current();
  });

  useLayoutEffect(() => {
    // The browser would go by what was on the page before the rows are.
    window.history.scrollRestoration = 'manual';
    return () => {
      window.history.scrollRestoration = 'auto';
    };
  }, []);

  useLayoutEffect(() => {
    const onMove = () => look.current();
    window.addEventListener('scroll', onMove, { passive: true });
    window.addEventListener('resize', onMove);
    return () => {
      window.removeEventListener('scroll', onMove);
      window.removeEventListener('resize', onMove);
    };
  }, []);

  useEffect(() => {
    const observer = new ResizeObserver((entries) => {
      let isNews = false;
      for (const { target, borderBoxSize } of entries) {
        const height = (borderBoxSize[0]?.blockSize ?? 0) + GAP;
        const key = target instanceof HTMLElement ? target.dataset.row : undefined;
        // What is taken out is seen once more, without a size.
        if (key === undefined || height === GAP || place.heights.get(key) === height) continue;
        place.heights.set(key, height);
        isNews = true;
      }
      if (isNews) measured();
    });
    for (const card of list.current?.querySelectorAll(':scope > [data-row]') ?? []) observer.observe(card);
    return () => observer.disconnect();
  }, [list, place, shown]);

  return piecesOf(rows, new Set(shown), offsets);
}

/** Pixels from the start of the list to that of each row, and to its end. */
function offsetsOf(rows: readonly Measured[], heights: ReadonlyMap<string, number>): number[] {
  const offsets = [0];
  for (const { key, estimate } of rows) offsets.push((offsets.at(-1) ?? 0) + (heights.get(key) ?? estimate));
  return offsets;
}

function piecesOf<R extends Measured>(
  rows: readonly R[],
  shown: ReadonlySet<string>,
  offsets: readonly number[],
): Piece<R>[] {
  const pieces: Piece<R>[] = [];
  let gap = 0;
  for (const [index, row] of rows.entries()) {
    if (!shown.has(row.key)) {
      gap += (offsets[index + 1] ?? 0) - (offsets[index] ?? 0);
      continue;
    }
    if (gap > 0) pieces.push({ space: gap, key: `before ${row.key}` });
    gap = 0;
    pieces.push({ row, index });
  }
  if (gap > 0) pieces.push({ space: gap, key: 'after' });
  return pieces;
}
