import type { Outcome as Detected } from '../aws/detect-labels.ts';
import type { ImageStore } from '../aws/image-store.ts';
import { recordsOf } from '../aws/object-event.ts';
import { MAX_PHOTO_BYTES } from '../aws/photo-limits.ts';
import { describeError } from '../runtime/log.ts';
import { photoPrefix, renditionFolder, uuidOf } from '../posts/post.ts';
import type { RenditionStore } from '../renditions/rendition-store.ts';
import { type Drawn, look } from './look.ts';
import { type OutcomeStore, replaced, type Standing } from './outcome-store.ts';
import { parseRecord, type Photo } from './photo-event.ts';

type Parts = {
  /** Both: @returns undefined when the photo is gone; @throws when another try may help */
  detect: (photo: Photo) => Promise<Detected | undefined>;
  draw: (photo: Photo) => Promise<Drawn | undefined>;
  outcomes: OutcomeStore;
  images: ImageStore;
  renditions: RenditionStore;
  /** Never gets a key: it has the name of a user and of a file. */
  log: (fields: Record<string, unknown>) => void;
};

/**
 * Makes the handler of S3's events. They come at least once and in any order, so that everything here can be repeated.
 * @returns a handler that throws, once all records are done, when some of them have to be tried again
 */
export function createLabeler({ detect, draw, outcomes, images, renditions, log }: Parts) {
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
    if (before === 'unrendered') return renderOne(photo);
    if (before === 'unindexed') {
      await outcomes.index(photo);
      return tidy(photo, 'labelled');
    }
    if (before !== 'open') return tidy(photo, before);
    if (photo.size > MAX_PHOTO_BYTES) return settle(photo, { error: 'The photo is larger than 15 MB.' });
    // Written once more: the later write has an event of its own, and one of them is paid for.
    const outcome = (await images.headNewest(photo)) && (await look(detect(photo), draw(photo)));
    return outcome ? settle(photo, outcome) : tidy(photo, replaced(photo));
  }

  /** A photo whose labels were stored before there were renditions. It is what the post shows, written over or not. */
  async function renderOne(photo: Photo): Promise<Record<string, unknown>> {
    const drawn = await draw(photo);
    return drawn ? settle(photo, drawn) : { msg: 'gone' };
  }

  /** Pixels first, then the update that publishes them: what is shown is there. */
  async function settle(photo: Photo, outcome: Parameters<OutcomeStore['store']>[1]) {
    if ('renditions' in outcome) await renditions.put(folderOf(photo), outcome.renditions);
    const stored = await outcomes.store(photo, outcome);
    if (!stored) return tidy(photo, await outcomes.standing(photo));
    if ('error' in outcome) return { ...outcome, ...(await tidy(photo, 'failed')) };
    return { ...('labels' in outcome && { labels: outcome.labels }), ...(await tidy(photo, 'labelled')) };
  }

  /** Of every try: an earlier one may have ended between table and buckets. Only what stays unseen is deleted. */
  async function tidy(photo: Photo, standing: Standing): Promise<Record<string, unknown>> {
    const prefix = photoPrefix(photo.user, photo.id);
    if (standing === 'labelled' || standing === 'failed')
      await Promise.all([images.removeOlder(prefix, photo), renditions.removeOlder(prefix, folderOf(photo))]);
    if (standing === 'failed' || standing === 'obsolete') await images.remove(photo);
    if (standing === 'failed' || standing === 'obsolete' || standing === 'overwritten')
      await renditions.removeAll(folderOf(photo));
    return { msg: standing };
  }
}

const folderOf = ({ user, id, photoId, sequencer }: Photo): string =>
  renditionFolder(user, id, photoId, sequencer);
