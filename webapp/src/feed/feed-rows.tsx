import {
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
  type CSSProperties,
  type RefObject,
} from 'react';
import { usePathname } from 'wouter/use-browser-location';
import type { Post } from '../api.ts';
import { AROUND_PHOTO, ONE_COLUMN } from '../photo-shape.ts';
import { PostCard } from '../post/post-card.tsx';
import { useServices } from '../services.ts';
import { useRowWindow } from './row-window.ts';
import { GAP, rowsOf, type Row, type Tile } from './rows.ts';

/**
 * Posts as rows of cards, photos in their own shape.
 * @param more whether older ones follow
 */
export function FeedRows({ posts, more }: { posts: readonly Post[]; more: boolean }) {
  const { uploads, places } = useServices();
  const list = useRef<HTMLDivElement>(null);
  const width = useWidth(list);
  const column = useSyncExternalStore(watchColumn, isColumn);
  const sending = useSyncExternalStore(uploads.subscribe, uploads.get);
  const hasPhoto = (post: Post) => post.image !== undefined || sending.get(post.id)?.preview !== undefined;
  const rows = width === 0 ? [] : rowsOf(posts, { width, column, hasPhoto, more });
  const place = places.of(usePathname());
  const [isBack] = useState(places.isBack);
  const numbers = new Map(posts.map(({ id }, i) => [id, i + 1]));
  const card = (row: Row<Post>, { post, ratio }: Tile<Post>) => (
    <div key={post.id} className="tile" data-row={row.key} style={styleOf(row, ratio, column)}>
      <PostCard
        post={post}
        ratio={hasPhoto(post) ? ratio : undefined}
        number={numbers.get(post.id)}
        of={more ? undefined : posts.length}
      />
    </div>
  );
  return (
    // Cards are children of the list, and no row is an element: a card that moves to another row stays what it is.
    <div className="feed-list" role="feed" aria-busy={more} ref={list}>
      {useRowWindow(list, rows, place, isBack).flatMap((piece) =>
        'row' in piece
          ? [
              ...piece.row.tiles.map((tile) => card(piece.row, tile)),
              <div key={`end ${piece.row.key}`} className="row-end" />,
            ]
          : // Half of the gap before the next row is already there.
            [<div key={piece.key} className="row-end" style={{ height: piece.space - GAP / 2 }} />],
      )}
    </div>
  );
}

/** As wide as the row gives it, and how many lines a letter may have beside the photos of the row. */
function styleOf(row: Row<Post>, ratio: number, column: boolean): CSSProperties & { '--lines': number } {
  return {
    width: column ? '100%' : roundedDown(AROUND_PHOTO + ratio * row.height),
    '--lines': row.lines,
  };
}

/** Pixels in hundredths, so that rounding never makes a row wider than the list. */
const roundedDown = (pixels: number) => Math.floor(pixels * 100) / 100;

/** Pixels that an element is wide; 0 until it is there. */
function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const { current } = element;
    if (!current) return undefined;
    setWidth(current.getBoundingClientRect().width);
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}

const isColumn = () => window.matchMedia(ONE_COLUMN).matches;

function watchColumn(changed: () => void) {
  const query = window.matchMedia(ONE_COLUMN);
  query.addEventListener('change', changed);
  return () => query.removeEventListener('change', changed);
}
