import { answer, type StoreOf } from './database.ts';

/** In one browser, whoever uses it: more would be a collection that nobody looks through. */
export const MOST_DRAFTS = 20;
/** Bytes of photos in one browser: those of drafts, and those that wait to be sent. */
export const MOST_BYTES = 100e6;

/** Why something is not kept: the browser keeps nothing, there is no room for it, or there are too many drafts. */
export type Trouble = 'forbidden' | 'full' | 'many';

export class RoomError extends Error {
  readonly trouble: Trouble;
  constructor(trouble: Trouble) {
    super(trouble);
    this.trouble = trouble;
  }
}

/** What an error of the database comes to. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof RoomError) return error.trouble;
  return error instanceof DOMException && error.name === 'QuotaExceededError' ? 'full' : 'forbidden';
}

/**
 * Makes sure that there is room for a photo.
 * @param id of the record that it will be in, whose present photo does not count
 * @throws RoomError
 */
export async function checkBytes(storeOf: StoreOf, id: string, photo: Blob): Promise<void> {
  const kept = await Promise.all([
    answer<{ id: string; blob: Blob }[]>(storeOf('photos').getAll()),
    answer<{ id: string; blob: Blob }[]>(storeOf('uploads').getAll()),
  ]);
  const others = kept.flat().filter((record) => record.id !== id);
  const bytes = others.reduce((sum, { blob }) => sum + blob.size, photo.size);
  if (bytes > MOST_BYTES) throw new RoomError('full');
}
