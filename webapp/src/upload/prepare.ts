/** A photo as it will be sent: upright, of bounded size, JPEG, without the camera's notes (place, date, device). */
export type PreparedPhoto = { blob: Blob; width: number; height: number };

/** Pixels: larger photos gain no labels and cost everybody who looks at them. */
const LONGEST_SIDE = 2048;
/** Pixels each way: the least that Rekognition reads, https://docs.aws.amazon.com/rekognition/latest/dg/limits.html */
export const SHORTEST_SIDE = 80;
/** Megabytes of the file chosen: beyond, decoding may take the tab down. */
export const LARGEST_FILE = 60;
const QUALITY = 0.86;

/** Why a file cannot be posted: a key of the `photo` texts. */
export class PhotoError extends Error {
  readonly problem: 'notImage' | 'unreadable' | 'tooSmall' | 'tooLarge';
  constructor(problem: PhotoError['problem']) {
    super(problem);
    this.problem = problem;
  }
}

/**
 * Decodes whatever this browser can (HEIC in Safari, WebP, GIF's first picture, …) and encodes it anew. Drawing is what
 * drops the metadata, and decoding has turned the picture upright before.
 * @throws PhotoError
 */
export async function preparePhoto(file: Blob): Promise<PreparedPhoto> {
  if (!file.type.startsWith('image/') && file.type !== '') throw new PhotoError('notImage');
  if (file.size > LARGEST_FILE * 1e6) throw new PhotoError('tooLarge');
  const picture = await decode(file);
  try {
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const width = Math.round(picture.width * scale);
    const height = Math.round(picture.height * scale);
    if (Math.min(width, height) < SHORTEST_SIDE) throw new PhotoError('tooSmall');
    return { blob: await draw(picture.source, width, height), width, height };
  } finally {
    picture.close();
  }
}

async function decode(file: Blob) {
  try {
    const bitmap = await createImageBitmap(file);
    return { source: bitmap, width: bitmap.width, height: bitmap.height, close: () => bitmap.close() };
  } catch {
    return decodeAsElement(file);
  }
}

/** Some browsers show in an <img> what createImageBitmap refuses. */
async function decodeAsElement(file: Blob) {
  const url = URL.createObjectURL(file);
  const image = new Image();
  image.src = url;
  const close = () => URL.revokeObjectURL(url);
  try {
    await image.decode();
    return { source: image, width: image.naturalWidth, height: image.naturalHeight, close };
  } catch {
    close();
    throw new PhotoError('unreadable');
  }
}

async function draw(source: CanvasImageSource, width: number, height: number): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) throw new PhotoError('unreadable');
  // JPEG has no transparency: what was see-through becomes paper.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, 0, 0, width, height);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
  if (!blob) throw new PhotoError('unreadable');
  return blob;
}
