import type { Outcome as Detected } from '../aws/detect-labels.ts';
import type { ImageStore } from '../aws/image-store.ts';
import { type Renderer, type Rendering, UnreadablePhoto } from '../renditions/render.ts';
import type { Photo } from './photo-event.ts';

/** What a photo is shown as, or why it was refused for good. */
export type Drawn = Rendering | { error: string };

/**
 * Makes what a photo is shown as, of the version that the event names.
 * @returns undefined when the photo is gone
 * @throws what may pass with another try
 */
export async function draw(
  { render, images }: { render: Renderer; images: Pick<ImageStore, 'read'> },
  photo: Photo,
): Promise<Drawn | undefined> {
  try {
    return await render(async () => (await images.read(photo)) ?? Promise.reject(new Gone()));
  } catch (error) {
    if (error instanceof Gone) return undefined;
    if (error instanceof UnreadablePhoto) return { error: error.message };
    throw error;
  }
}

class Gone extends Error {}

/**
 * Asks for labels and for pixels at the same time. What one of them refuses for good is refused, whatever the other says.
 * @returns undefined when the photo is gone
 * @throws what may pass with another try
 */
export async function look(
  labels: Promise<Detected | undefined>,
  pixels: Promise<Drawn | undefined>,
): Promise<({ labels: string[] } & Rendering) | { error: string } | undefined> {
  const [detected, drawn] = await Promise.allSettled([labels, pixels]);
  // What is wrong with the file says more than that Rekognition does not read it.
  for (const one of [drawn, detected])
    if (one.status === 'fulfilled' && one.value && 'error' in one.value) return { error: one.value.error };
  const [found, shown] = [valueOf(detected), valueOf(drawn)];
  // Neither has an error here.
  return found && shown && 'labels' in found && 'renditions' in shown ? { ...found, ...shown } : undefined;
}

function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
