import type { Outcome } from '../../src/aws/detect-labels.ts';
import { MAX_PHOTO_BYTES } from '../../src/aws/photo-limits.ts';
import { parseObject, recordsOf, type StoredObject } from '../../src/aws/object-event.ts';
import { describeError } from '../../src/runtime/log.ts';
import { parseBlobKey } from './blob.ts';
import type { BlobImages } from './images.ts';
import type { OutcomeStore, Upload } from './outcome-store.ts';

type Parts = {
  /** @returns undefined when the image is gone, or was replaced; @throws when another try may help */
  detect: (image: StoredObject) => Promise<Outcome | undefined>;
  outcomes: OutcomeStore;
  images: Pick<BlobImages, 'remove' | 'removeUpload'>;
  log: (fields: Record<string, unknown>) => void;
};

/**
 * Makes the handler of S3's events. They come at least once and in any order, so that everything here can be repeated.
 * @returns a handler that throws, once all records are done, when some of them have to be tried again
 */
export function createUploadLabeler({ detect, outcomes, images, log }: Parts) {
  return async (event: unknown): Promise<void> => {
    const results = await Promise.allSettled(recordsOf(event).map(label));
    const failures = results.filter(({ status }) => status === 'rejected').length;
    if (failures > 0) throw new Error(`${failures} images to try again`);
  };

  async function label(record: unknown): Promise<void> {
    const image = parseObject(record);
    const blob = image && parseBlobKey(image.key);
    if (!blob) return log({ msg: 'not an image of a blob, skipped' });
    try {
      log({ ...blob, msg: await labelOne(image, { ...blob, sequencer: image.sequencer }) });
    } catch (error) {
      log({ ...blob, msg: 'to try again', err: describeError(error) });
      throw error;
    }
  }

  async function labelOne(image: StoredObject, upload: Upload): Promise<string> {
    let standing = await outcomes.arrived(upload);
    if (standing === 'open') {
      const outcome = image.size > MAX_PHOTO_BYTES ? TOO_LARGE : await detect(image);
      // Replaced under the same key: the later write has an event of its own.
      if (!outcome) return 'replaced';
      standing = await outcomes.store(upload, outcome);
    }
    if (standing === 'obsolete') await images.removeUpload(upload);
    // Nobody looks at it again. Of every try: an earlier one may have ended between table and bucket.
    if (standing === 'refused') await images.remove(image);
    return standing;
  }
}

const TOO_LARGE = { error: 'The photo is larger than 15 MB.' };
