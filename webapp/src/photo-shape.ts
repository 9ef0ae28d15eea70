/** Pixels. */
export type Size = { width: number; height: number };

/** Pixels: how high the photos of a row are about, where there is more than one column. */
export const ROW_HEIGHT = 340;

/** Below this the feed is one column. */
export const ONE_COLUMN = '(width < 40rem)';

/** Pixels that a card of the feed is wider than its photo: border, sheet and the paper of the stamp. */
export const AROUND_PHOTO = 52;

/** Width by height of the narrowest and of the widest picture in the feed: what goes beyond is cropped. */
const ROW_RATIOS = [0.66, 2.6] as const;
/** One column holds portraits lower, so that a photo and what is written below it fit on the screen. */
const COLUMN_RATIOS = [0.8, 2.6] as const;

/** Width by height in which the feed shows a photo. */
export function feedRatio({ width, height }: Size, column: boolean): number {
  const [narrowest, widest] = column ? COLUMN_RATIOS : ROW_RATIOS;
  return Math.min(widest, Math.max(narrowest, width / height));
}

/**
 * `sizes` of a photo in the feed. Of the photo alone: whoever does not know the window yet can preload it, and the browser
 * chooses the same rendition again.
 */
export function feedSizes(photo: Size): string {
  const ratio = photo.width / photo.height;
  const inRow = Math.round(ROW_HEIGHT * Math.max(ratio, feedRatio(photo, false)));
  const beyond = Math.max(1, ratio / feedRatio(photo, true)).toFixed(2);
  return `${ONE_COLUMN} calc(${beyond} * (100vw - 5rem)), ${inRow}px`;
}

/** Whether a photo is so much wider than high that it takes the width of a screen, and the text goes below it. */
export const isPanorama = ({ width, height }: Size): boolean => width / height > 1.8;

/** `sizes` of a photo on its post's own screen. */
export const wholeSizes = (photo: Size): string =>
  `(width < 48.75rem) calc(100vw - 5rem), min(100vw - 7rem, ${isPanorama(photo) ? 78 : 48}rem)`;
