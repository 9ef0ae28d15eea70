/** Widths that a photo is shown in, pixels. */
const WIDTHS = [320, 640, 1280, 2048];

/** WebP's own limit, pixels a side. */
const MAX_SIDE = 16_383;

/** The widths of a photo's renditions, the smallest first: those below the largest one, and the largest. */
export function renditionWidths(photo: Size): number[] {
  const largest = largestWidth(photo);
  return [...WIDTHS.filter((one) => one < largest), largest];
}

/**
 * As wide as the photo where that is at most 2048, and narrower where the photo is so much higher than wide that WebP could not
 * hold it.
 * @param width of the photo as it stands upright, pixels; `height` likewise
 */
export const largestWidth = ({ width, height }: Size): number =>
  Math.min(width, WIDTHS.at(-1) ?? width, Math.max(1, Math.floor((width * MAX_SIDE) / height)));

/** What a link to a photo is shown with at most, pixels: more is made smaller by whoever shows it. */
const SHARED_WIDTH = 1280;

/** The widest rendition that is not wider than what a link is shown with. */
export const sharedWidth = (photo: Size): number =>
  renditionWidths(photo).findLast((one) => one <= SHARED_WIDTH) ?? largestWidth(photo);

/** The height that belongs to a width, pixels. */
export const heightAt = (width: number, photo: Size): number =>
  Math.max(1, Math.min(MAX_SIDE, Math.round((photo.height * width) / photo.width)));

/** Pixels. */
export type Size = { width: number; height: number };
