import sharp from 'sharp';
import { isTooLarge, MAX_PIXELS } from '../../src/renditions/decode-limits.ts';

/** RGB, three bytes a pixel. */
export type Square = { side: number; data: Uint8Array };

/** The shorter side of what a photo is made smaller to before both squares are taken of it, pixels. */
const SMALL = 480;

// A photo is seen once: nothing to remember, and one thread is enough for what becomes a few hundred pixels wide.
sharp.cache(false);
sharp.concurrency(1);

/**
 * Decodes a photo, once, upright and in sRGB.
 * @param sides of the squares that are wanted, pixels
 * @returns `whole`, the photo pressed into a square, and `middle`, the largest square of its middle
 * @throws Error when it is none, or has more pixels than a photo may have
 */
export async function readSquares(image: Uint8Array, sides: { whole: number; middle: number }) {
  const photo = sharp(image, { limitInputPixels: MAX_PIXELS });
  if (isTooLarge(await photo.metadata())) throw new Error('Input image exceeds pixel limit');
  // Of a JPEG libjpeg gives an eighth of the size straight away; the rest is read line by line.
  const { data, info } = await photo
    .rotate()
    .resize(SMALL, SMALL, { fit: 'outside', withoutEnlargement: true })
    .flatten()
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const square = async (side: number, fit: 'fill' | 'cover'): Promise<Square> => ({
    side,
    data: await sharp(data, { raw: info }).resize(side, side, { fit, kernel: 'cubic' }).raw().toBuffer(),
  });
  return { whole: await square(sides.whole, 'fill'), middle: await square(sides.middle, 'cover') };
}
