import type { KeptDrafts } from '../kept/drafts.ts';
import { troubleOf, type Trouble } from '../kept/room.ts';
import { photoRecordOf, recordOf, type Draft } from './draft.ts';

/** Milliseconds between two writings of a draft that is being typed. */
const PAUSE = 250;

/**
 * Brings drafts into this browser's database, and knows what of them is not in it yet.
 * @param find a draft as it is now
 * @param onKept called after each writing, with why it failed
 */
export function createKeeper(
  kept: KeptDrafts,
  find: (id: string) => Draft | undefined,
  onKept: (id: string, trouble: Trouble | undefined) => void,
) {
  const stored = new Set<string>();
  const words = new Set<string>();
  const photos = new Set<string>();
  let timer: number | undefined;

  async function save(id: string): Promise<void> {
    const draft = find(id);
    if (!draft) return;
    words.delete(id);
    const isNew = !stored.has(id);
    const photo = photos.has(id) ? photoRecordOf(draft) : undefined;
    try {
      await kept.save(recordOf(draft), { isNew, photo });
      stored.add(id);
      if (photo !== undefined && find(id)?.photo?.key === photo?.key) photos.delete(id);
      onKept(id, undefined);
    } catch (error) {
      onKept(id, troubleOf(error));
      // The words may find room where the photo does not.
      const retry = photo && kept.save(recordOf(draft), { isNew });
      await retry?.then(
        () => stored.add(id),
        () => undefined,
      );
    }
  }

  function flush(): Promise<unknown> {
    clearTimeout(timer);
    timer = undefined;
    return Promise.all([...words].map(save));
  }

  return {
    flush,
    save,

    /** Something was typed. The first word of a draft is written at once, so that what follows needs no wait. */
    wordsChanged(id: string) {
      words.add(id);
      if (!stored.has(id)) void flush();
      else timer ??= window.setTimeout(() => void flush(), PAUSE);
    },

    photoChanged(id: string): Promise<void> {
      photos.add(id);
      return save(id);
    },

    /** Whether the page's photo of a draft is not in the database. */
    hasNewPhoto: (id: string) => photos.has(id),
    isStored: (id: string) => stored.has(id),
    /** It was read from the database. */
    found: (id: string) => void stored.add(id),

    /** It is to be written no more. */
    forget(id: string) {
      for (const set of [stored, words, photos]) set.delete(id);
    },
  };
}
