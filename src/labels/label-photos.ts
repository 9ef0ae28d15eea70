import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { Outcome } from '../aws/detect-labels.ts';
import type { ImageStore } from '../aws/image-store.ts';
import { recordsOf } from '../aws/object-event.ts';
import { MAX_PHOTO_BYTES } from '../aws/photo-limits.ts';
import { describeError } from '../runtime/log.ts';
import { photoPrefix, uuidOf } from '../posts/post.ts';
import { type OutcomeStore, replaced, type Standing } from './outcome-store.ts';
import { parseRecord, type Photo } from './photo-event.ts';

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
    const before = await outcomes.standing(photo);
    if (before !== 'open') return tidy(photo, before);
    // Written once more: the later write has an event of its own, and one of them is paid for.
    const head = await images.headNewest(photo);
    const outcome = head && (refuse(photo, head) ?? (await detect(photo)));
    if (!outcome) return tidy(photo, replaced(photo));
    // Signed at the upload: one of the two.
    const type = head.ContentType === 'image/png' ? 'image/png' : 'image/jpeg';
    const stored = await outcomes.store(photo, outcome, type);
    if (!stored) return tidy(photo, await outcomes.standing(photo));
    return { ...outcome, ...(await tidy(photo, 'error' in outcome ? 'failed' : 'labelled')) };
  }

  /** Of every try: an earlier one may have ended between table and bucket. Only versions are deleted that stay unseen. */
  async function tidy(photo: Photo, standing: Standing): Promise<Record<string, unknown>> {
    if (standing === 'labelled' || standing === 'failed')
      await images.removeOlder(photoPrefix(photo.user, photo.id), photo);
    if (standing === 'failed' || standing === 'obsolete') await images.remove(photo);
    return { msg: standing };
  }
}

/** What needs no look at the photo: its size, and headers that would come with it however it is asked for. */
function refuse({ size }: Photo, head: HeadObjectCommandOutput): Outcome | undefined {
  if (size > MAX_PHOTO_BYTES) return { error: 'The photo is larger than 15 MB.' };
  const { ContentEncoding, ContentLanguage, ExpiresString } = head;
  return ContentEncoding || ContentLanguage || ExpiresString
    ? { error: 'The photo was sent with Content-Encoding, Content-Language or Expires.' }
    : undefined;
}
