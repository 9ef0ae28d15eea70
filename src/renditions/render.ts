import sharp, { type OutputInfo, type Sharp } from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';
import { isJpegOrPng, isTooLarge, MAX_PIXELS } from './decode-limits.ts';
import { heightAt, renditionWidths, type Size } from './sizes.ts';

/** A photo that no other try makes readable. The message is for its author. */
export class UnreadablePhoto extends Error {
  override name = 'UnreadablePhoto';
}

/** What a photo is shown as: upright, in sRGB, and nothing in it but pixels. */
export type Rendering = Size & {
  /** What a page can paint while the photo loads, base64: https://evanw.github.io/thumbhash/ */
  thumbhash: string;
  /** WebP, the smallest first. */
  renditions: { width: number; bytes: Buffer }[];
};

/** 0 to 100: sharp's own. */
const QUALITY = 80;

/** 0 to 6. sharp's own 4 makes files 5 % smaller, for 60 % more CPU time. */
const EFFORT = 2;

/** ThumbHash takes no more a side, pixels. */
const HASH_SIDE = 100;

/** Cameras write such files, and they are whole. */
const HARMLESS = /Invalid SOS parameters for sequential JPEG|extraneous bytes before marker/;

// A photo is seen once: nothing to remember.
sharp.cache(false);
sharp.concurrency(1);

/**
 * Makes what photos are shown as. Off the event loop, and one photo at a time, whoever asks: what a large one takes to decode
 * is taken once.
 */
export function createRenderer() {
  let line: Promise<unknown> = Promise.resolve();

  /**
   * @param load gives the photo, JPEG or PNG, once its turn has come, so that those that wait take no memory
   * @throws UnreadablePhoto for good; what `load` throws, and other errors, may pass with another try
   */
  return (load: () => Promise<Uint8Array>): Promise<Rendering> => {
    const rendering = line.then(load).then(render);
    line = rendering.catch(() => undefined);
    return rendering;
  };
}

export type Renderer = ReturnType<typeof createRenderer>;

async function render(image: Uint8Array): Promise<Rendering> {
  if (!isJpegOrPng(image)) throw new UnreadablePhoto('The photo is not a JPEG or PNG image.');
  const { orientation = 1, ...lying } = await sizeOf(image);
  // From the fifth on the photo lies on its side.
  const size = orientation >= 5 ? { width: lying.height, height: lying.width } : lying;
  const widths = renditionWidths(size);
  const width = widths.at(-1) ?? size.width;
  const height = heightAt(width, size);
  // Made small before it is turned: a large photo is never in memory whole, unless its format makes it so.
  const small = await decode(image, orientation >= 5 ? { width: height, height: width } : { width, height });
  const upright = await turn(small, orientation).raw().toBuffer({ resolveWithObject: true });
  const renditions = [];
  for (const one of widths) renditions.push({ width: one, bytes: await encode(upright, one, size) });
  return { ...size, thumbhash: await thumbhashOf(upright), renditions };
}

async function sizeOf(image: Uint8Array): Promise<Size & { orientation: number | undefined }> {
  const metadata = await sharp(image).metadata().catch(refuse);
  if (isTooLarge(metadata)) throw new UnreadablePhoto('The photo has too many pixels or bytes.');
  const { width, height, orientation } = metadata;
  return { width, height, orientation };
}

type Pixels = { data: Buffer; info: OutputInfo };

/** The pixels at another size, in sRGB, as sharp does by itself. What is wrong with the file is an error, unless it is harmless. */
async function decode(
  image: Uint8Array,
  size: Size,
  failOn: 'warning' | 'truncated' = 'warning',
): Promise<Pixels> {
  try {
    return await sharp(image, { failOn, limitInputPixels: MAX_PIXELS })
      .resize({ ...size, fit: 'fill' })
      .raw()
      .toBuffer({ resolveWithObject: true });
  } catch (error) {
    const isHarmless = error instanceof Error && error.message.split('\n').every((one) => HARMLESS.test(one));
    return isHarmless && failOn === 'warning' ? decode(image, size, 'truncated') : refuse(error);
  }
}

/** @throws UnreadablePhoto, or the error itself where it says more of this machine than of the photo */
function refuse(error: unknown): never {
  if (!(error instanceof Error) || /memory|alloc|thread|timeout/i.test(error.message)) throw error;
  throw new UnreadablePhoto('The photo is incomplete or damaged.', { cause: error });
}

const again = ({ data, info }: Pixels): Sharp => sharp(data, { raw: info, limitInputPixels: MAX_PIXELS });

/** Undoes how the camera was held, by EXIF's number for it. sharp mirrors first, then turns. */
function turn(pixels: Pixels, orientation: number): Sharp {
  const { flip = false, flop = false, angle = 0 } = TURNS[orientation] ?? {};
  return again(pixels).flip(flip).flop(flop).rotate(angle);
}

const TURNS: Readonly<Record<number, { flip?: true; flop?: true; angle?: 90 | 180 | 270 }>> = {
  2: { flop: true },
  3: { angle: 180 },
  4: { flip: true },
  5: { flip: true, angle: 90 },
  6: { angle: 90 },
  7: { flip: true, angle: 270 },
  8: { angle: 270 },
};

const encode = (upright: Pixels, width: number, size: Size): Promise<Buffer> =>
  again(upright)
    .resize({ width, height: heightAt(width, size), fit: 'fill' })
    .webp({ quality: QUALITY, effort: EFFORT })
    .toBuffer();

async function thumbhashOf(upright: Pixels): Promise<string> {
  const { data, info } = await again(upright)
    .resize({ width: HASH_SIDE, height: HASH_SIDE, fit: 'inside', withoutEnlargement: true })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64');
}
