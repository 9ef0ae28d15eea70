/** 387 posts with photos of 2048 pixels, as a collection of them has: made from those of the demo, each another crop in another tint. */
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { POSTS } from '../../local/demo/photos.ts';

export const postCount = 387;
const longSide = 2048;
/** Width over height of what cameras and phones take. */
const shapes = [3 / 2, 4 / 3, 3 / 4, 2 / 3, 1, 16 / 9];
const steps = 7;

/** The photo of post `index` as a JPEG: the same at each run. */
export async function photoOf(index: number): Promise<Buffer> {
  const source = POSTS[index % POSTS.length]?.photo;
  if (!source) throw new Error('The demo has no photos');
  const shape = shapes[index % shapes.length] ?? 1;
  const image = sharp(await readFile(source));
  const { width, height } = await image.metadata();
  // At least four fifths of what fits, at one of several places.
  const share = 1 - 0.2 * ((index % steps) / steps);
  const wide = Math.floor(Math.min(width, height * shape) * share);
  const high = Math.floor(wide / shape);
  const place = ((index * 3) % steps) / (steps - 1);
  return image
    .extract({
      left: Math.floor((width - wide) * place),
      top: Math.floor((height - high) * place),
      width: wide,
      height: high,
    })
    .resize(longSide, longSide, { fit: 'inside' })
    .modulate({ hue: (index * 23) % 360 })
    .jpeg({ quality: 85 })
    .toBuffer();
}
