import type { Metadata } from 'sharp';

/** Rekognition takes at most 10,000 pixels a side. */
export const MAX_PIXELS = 10_000 * 10_000;

/** What of a photo may be in memory at once, bytes: twice what 64 megapixels of a progressive JPEG (4:2:0) take. */
const MAX_DECODED_BYTES = 400_000_000;

/** Whether a photo has more pixels than are decoded, or would take too much memory to decode. */
export function isTooLarge(photo: Metadata): boolean {
  return photo.width * photo.height > MAX_PIXELS || decodedBytes(photo) > MAX_DECODED_BYTES;
}

/** sharp would read SVG, GIF and more; Rekognition reads these two. */
export function isJpegOrPng(image: Uint8Array): boolean {
  const start = Buffer.from(image.subarray(0, 8)).toString('hex');
  return start.startsWith('ffd8ff') || start === '89504e470d0a1a0a';
}

/** What has to be decoded whole: all of an interlaced PNG, and of a progressive JPEG its coefficients, two bytes each. */
function decodedBytes({
  format,
  width,
  height,
  channels,
  depth,
  isProgressive,
  chromaSubsampling,
}: Metadata) {
  if (!isProgressive) return 0;
  const pixel =
    format === 'jpeg'
      ? 2 * (chromaSubsampling === '4:2:0' ? 1.5 : channels)
      : channels * (depth === 'ushort' ? 2 : 1);
  return width * height * pixel;
}
