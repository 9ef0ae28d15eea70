import type { ImageStore } from '../posts/images.ts';
import { photoPrefix } from '../posts/post.ts';
import { MAX_PHOTO_BYTES } from '../posts/photo-limits.ts';
import type { Outcome, OutcomeStore } from './outcome-store.ts';
import { parseRecord, type Photo, recordsOf } from './photo-event.ts';

type Parts = {
  /** @returns undefined when the photo is gone; @throws when another try may help */
  detect: (photo: Photo) => Promise<Outcome | undefined>;
  outcomes: OutcomeStore;
  images: ImageStore;
  log: (fields: Record<string, unknown>) => void;
};

/**
 * Makes the handler of S3's events. They come at least once and in any order, so that everything here can be repeated.
 * @returns a handler that throws, once all records are done, when some of them have to be tried again
 */
export function createLabeler({ detect, outcomes, images, log }: Parts) {
  return async (event: unknown): Promise<void> => {
    const results = await Promise.allSettled(recordsOf(event).map(label));
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} photos to try again: ${failures[0]}`);
  };

  async function label(record: unknown): Promise<void> {
    const photo = parseRecord(record);
    if (!photo) return log({ msg: 'not a photo, skipped', record });
    const tooLarge = photo.size > MAX_PHOTO_BYTES;
    const outcome = tooLarge ? { error: 'The photo is larger than 15 MB.' } : await detect(photo);
    if (!outcome) return log({ msg: 'photo is gone, skipped', key: photo.key });
    const stored = await outcomes.store(photo, outcome);
    // On every retry too: an earlier try may have ended between the two.
    if (stored) await images.removeAll(photoPrefix(photo.user, photo.id), photo.key);
    if (stored ? tooLarge : await outcomes.isObsolete(photo)) await images.remove(photo.key);
    log({ msg: stored ? 'stored' : 'obsolete', key: photo.key, ...outcome });
  }
}
