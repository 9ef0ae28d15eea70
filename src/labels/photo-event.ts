import { parseObject, type StoredObject } from '../aws/object-event.ts';
import { parseImageKey } from '../posts/post.ts';

/** A photo that landed in the bucket. */
export type Photo = StoredObject & {
  /** The post it belongs to. */
  user: string;
  id: string;
  /** uuid of the photo itself. */
  photoId: string;
};

/**
 * The photo in a record.
 * @returns undefined when the record is malformed, not of a created object, or its key not a photo's
 */
export function parseRecord(record: unknown): Photo | undefined {
  const object = parseObject(record);
  const post = object && parseImageKey(object.key);
  return object && post && { ...object, ...post };
}
