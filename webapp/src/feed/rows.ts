import { AROUND_PHOTO, feedRatio, ROW_HEIGHT } from '../photo-shape.ts';

/** Pixels between two cards. */
export const GAP = 20;
/** Width by height of what a post without a photo takes in a row. */
const LETTER_RATIO = 0.85;
/** Of a photo that is still on its way. */
export const UNKNOWN_RATIO = 4 / 3;

/** Rows this much lower, or higher, than they should be look out of place: then it is the row that ends early. */
const LOWEST = 0.72;
const HIGHEST = 1.3;

/** Pixels that a card has below its photo, and that one without a photo has: about, until it is measured. */
const TEXT = 180;
const LETTER = 250;

/** Lines that every letter may have, and pixels of one. */
const LINES = 5;
const LINE = 32;

type Pictured = { id: string; width?: number | undefined; height?: number | undefined };
export type Tile<P> = { post: P; ratio: number };
export type Row<P> = {
  /** The same as long as nothing in it changes. */
  key: string;
  tiles: Tile<P>[];
  /** Pixels that the photos are high. */
  height: number;
  /** Whether it reaches from edge to edge. */
  full: boolean;
  /** Lines that a letter may have without being higher than the cards beside it. */
  lines: number;
  /** Pixels that it is high with all that is in it: about. */
  estimate: number;
};

/**
 * Breaks posts into rows of photos of one height, each in its own shape.
 * @param options.width pixels from edge to edge
 * @param options.column one post a row
 * @param options.hasPhoto whether a post shows one, be it one on its way
 * @param options.more whether older posts will follow: they go on in the last row, which waits for them
 */
export function rowsOf<P extends Pictured>(
  posts: readonly P[],
  options: { width: number; column: boolean; hasPhoto: (post: P) => boolean; more: boolean },
): Row<P>[] {
  const { width, column, hasPhoto, more } = options;
  const tiles = posts.map((post) => ({ post, ratio: ratioOf(post, column, hasPhoto(post)) }));
  if (column) return tiles.map((tile) => rowOf([tile], width, true, hasPhoto));
  const rows: Row<P>[] = [];
  let open: Tile<P>[] = [];
  for (const tile of tiles) {
    const without = heightOf(open, width);
    const within = heightOf([...open, tile], width);
    const isBetter = Math.abs(Math.log(within / ROW_HEIGHT)) < Math.abs(Math.log(without / ROW_HEIGHT));
    if (open.length > 0 && (!isBetter || within < ROW_HEIGHT * LOWEST)) {
      rows.push(rowOf(open, width, false, hasPhoto));
      open = [];
    }
    open.push(tile);
  }
  const isWhole = heightOf(open, width) <= ROW_HEIGHT;
  if (open.length > 0 && (!more || isWhole || rows.length === 0))
    rows.push(rowOf(open, width, false, hasPhoto));
  return rows;
}

function ratioOf(post: Pictured, column: boolean, hasPhoto: boolean): number {
  const { width, height } = post;
  if (!hasPhoto) return LETTER_RATIO;
  return width && height ? feedRatio({ width, height }, column) : UNKNOWN_RATIO;
}

/** Pixels that the photos are high when these fill a row. */
function heightOf(tiles: readonly Tile<unknown>[], width: number): number {
  if (tiles.length === 0) return Infinity;
  const photos = width - tiles.length * AROUND_PHOTO - (tiles.length - 1) * GAP;
  return photos / tiles.reduce((sum, { ratio }) => sum + ratio, 0);
}

function rowOf<P extends Pictured>(
  tiles: Tile<P>[],
  width: number,
  column: boolean,
  hasPhoto: (post: P) => boolean,
): Row<P> {
  const whole = heightOf(tiles, width);
  const full = column || whole <= ROW_HEIGHT * HIGHEST;
  const height = full ? whole : ROW_HEIGHT;
  const pictured = tiles.some(({ post }) => hasPhoto(post));
  return {
    key: [tiles[0]?.post.id, tiles.length, Math.round(height)].join(' '),
    tiles,
    height,
    full,
    lines: pictured && !column ? Math.max(LINES, Math.floor((height - 60) / LINE)) : LINES,
    estimate: (pictured ? height + AROUND_PHOTO + TEXT : LETTER) + GAP,
  };
}
