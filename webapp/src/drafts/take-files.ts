import type { KeptDrafts } from '../kept/drafts.ts';
import { MOST_DRAFTS } from '../kept/room.ts';
import { randomId } from '../kept/tabs.ts';
import { preparePhoto } from '../upload/prepare.ts';
import { freshDraft, isBlank, photoRecordOf, recordOf, type Draft } from './draft.ts';
import { NO_FILES, type DraftsState } from './state.ts';

/** `open`: into the draft that is open, if it has no photo; `replace`: instead of its photo; `new`: into one of their own. */
export type Into = 'open' | 'replace' | 'new';

type Access = {
  get: () => DraftsState;
  set: (news: Partial<DraftsState>) => void;
  /** Puts a draft into the list, or in the place of what it was. */
  place: (draft: Draft, isOpened: boolean) => Promise<void>;
  isStored: (id: string) => boolean;
};

/** Prepares photos, one after the other, and puts each into a draft. */
export function createFileTaker(kept: KeptDrafts, { get, set, place, isStored }: Access) {
  let taking: Promise<unknown> = Promise.resolve();

  const note = (news: Partial<DraftsState['files']>) => set({ files: { ...get().files, ...news } });

  async function prepare(file: File) {
    try {
      return await preparePhoto(file);
    } catch (error) {
      note({ refused: [...get().files.refused, { name: file.name, error }] });
      return undefined;
    } finally {
      set({ busy: Math.max(0, get().busy - 1) });
    }
  }

  async function take(files: readonly File[], into: Into, user: string, target: string) {
    const written = get().drafts.filter((draft) => !isBlank(draft)).length;
    let room = await kept.room().catch(() => MOST_DRAFTS - written);
    let isFirst = true;
    for (const file of files) {
      const prepared = await prepare(file);
      if (!prepared) continue;
      const photo = { ...prepared, key: randomId() };
      if (user !== '' && user !== get().user) {
        // Its user has signed out meanwhile, and finds it on coming back.
        const draft = { ...freshDraft(user), photo };
        await kept.save(recordOf(draft), { isNew: true, photo: photoRecordOf(draft) }).catch(() => undefined);
        continue;
      }
      const draft = { ...draftFor(get(), into, target), photo };
      if (!isStored(draft.id) && --room < 0) {
        note({ left: get().files.left + 1 });
        continue;
      }
      await place(draft, isFirst);
      isFirst = false;
    }
  }

  return (files: readonly File[], into: Into) => {
    if (files.length === 0) return;
    const { user, open, busy } = get();
    set({ busy: busy + files.length, files: { ...NO_FILES, count: files.length } });
    taking = taking.then(() => take(files, into, user, open));
  };
}

function draftFor({ drafts, open, user }: DraftsState, into: Into, target: string): Draft {
  const draft = drafts.find(({ id }) => id === (into === 'replace' ? target : open));
  const fills = draft && (isBlank(draft) || into === 'replace' || (into === 'open' && !draft.photo));
  return fills ? draft : freshDraft(user);
}
