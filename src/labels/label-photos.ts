import type { ImageStore } from '../posts/images.ts';
import { describeError } from '../runtime/log.ts';
import { photoPrefix, uuidOf } from '../posts/post.ts';
import { MAX_PHOTO_BYTES } from '../posts/photo-limits.ts';
import type { Outcome, OutcomeStore } from './outcome-store.ts';
import { parseRecord, type Photo, recordsOf } from './photo-event.ts';

type Parts = {
  /** @returns undefined when the photo is gone; @throws when another try may help */
  detect: (photo: Photo) => Promise<Outcome | undefined>;
  outcomes: OutcomeStore;
  images: ImageStore;
  /** Never gets a key: it has the name of a user and of a file. */
  log: (fields: Record<string, unknown>) => void;
};

/**
 * Makes the handler of S3's events. They come at least once and in any order, so that everything here can be repeated.
 * @returns a handler that throws, once all records are done, when some of them have to be tried again
 */
export function createLabeler({ detect, outcomes, images, log }: Parts) {
  return async (event: unknown): Promise<void> => {
    const results = await Promise.allSettled(recordsOf(event).map(label));
    const failures = results.filter(({ status }) => status === 'rejected').length;
    // Lambda logs what is thrown, so that it tells no more than this; why was logged with each photo.
    if (failures > 0) throw new Error(`${failures} photos to try again`);
  };

  async function label(record: unknown): Promise<void> {
    const photo = parseRecord(record);
    if (!photo) return log({ msg: 'not a photo, skipped' });
    const ids = { post: uuidOf(photo.id), photo: photo.photoId };
    try {
      log({ ...ids, ...(await labelOne(photo)) });
    } catch (error) {
      log({ ...ids, msg: 'to try again', err: describeError(error) });
      throw error;
    }
  }

  async function labelOne(photo: Photo): Promise<Record<string, unknown>> {
    const tooLarge = photo.size > MAX_PHOTO_BYTES;
    const outcome = tooLarge ? { error: 'The photo is larger than 15 MB.' } : await detect(photo);
    if (!outcome) return { msg: 'photo is gone, skipped' };
    const stored = await outcomes.store(photo, outcome);
    // On every retry too: an earlier try may have ended between the two.
    if (stored) await images.removeAll(photoPrefix(photo.user, photo.id), photo.key);
    if (stored ? tooLarge : await outcomes.isObsolete(photo)) await images.remove(photo.key);
    return { msg: stored ? 'stored' : 'obsolete', ...outcome };
  }
}
