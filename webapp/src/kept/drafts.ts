import { answer, type Database, type StoreOf } from './database.ts';
import { checkBytes, MOST_DRAFTS, RoomError } from './room.ts';
import type { KeptUpload } from './uploads.ts';

/** `user` is empty as long as nobody is signed in. */
export type KeptDraft = {
  id: string;
  user: string;
  title: string;
  body: string;
  alt: string;
  /** Milliseconds since 1970 at which it was begun. */
  at: number;
  /** It was sent, and no answer has come: it may be a post already. */
  unsure: boolean;
};
/** In a record of its own, so that who writes words in another tab does not write over it. `key` is new with each photo. */
export type KeptPhoto = { id: string; key: string; blob: Blob; width: number; height: number };

export type KeptDrafts = ReturnType<typeof createKeptDrafts>;

/** The drafts that this browser keeps. Each function throws what `transact` does. */
export function createKeptDrafts(database: Database) {
  return {
    /** A user's drafts, oldest first. What was begun before anybody had signed in is theirs from now on. */
    read: (user: string) =>
      database.transact('readwrite', async (storeOf) => {
        const all = await answer<KeptDraft[]>(storeOf('drafts').getAll());
        const mine = all.filter((draft) => draft.user === user || draft.user === '');
        const photos = await Promise.all(mine.map(({ id }) => photoOf(storeOf, id)));
        return mine
          .map((draft, index) => {
            if (draft.user !== user) storeOf('drafts').put({ ...draft, user });
            return { draft: { ...draft, user }, photo: photos[index] };
          })
          .toSorted((a, b) => a.draft.at - b.draft.at);
      }),

    /** How many more drafts there is room for. */
    room: () =>
      database.transact(
        'readonly',
        async (storeOf) => MOST_DRAFTS - (await answer(storeOf('drafts').count())),
      ),

    /**
     * @param options.isNew it may be one more than there were
     * @param options.photo its photo from now on; `null` for none, `undefined` to leave it as it is
     * @throws RoomError
     */
    save: (
      draft: KeptDraft,
      { isNew, photo }: { isNew: boolean; photo?: KeptPhoto | null | undefined },
    ): Promise<void> =>
      // Without a wait where there need be none: nothing that waits survives the page.
      database.transact('readwrite', (storeOf) => {
        if (isNew || photo) return check(storeOf, draft, photo).then(() => put(storeOf, draft, photo));
        return put(storeOf, draft, photo);
      }),

    remove: (id: string): Promise<void> => database.transact('readwrite', (storeOf) => remove(storeOf, id)),

    /** A draft that became a post: what is left of it is the photo that has to be sent. */
    turnInto: (id: string, upload: KeptUpload | undefined): Promise<void> =>
      database.transact('readwrite', (storeOf) => {
        remove(storeOf, id);
        if (upload) storeOf('uploads').put(upload);
      }),
  };
}

function photoOf(storeOf: StoreOf, id: string) {
  return answer<KeptPhoto | undefined>(storeOf('photos').get(id));
}

async function check(storeOf: StoreOf, { id }: KeptDraft, photo: KeptPhoto | null | undefined) {
  const isKept = (await answer(storeOf('drafts').getKey(id))) !== undefined;
  if (!isKept && (await answer(storeOf('drafts').count())) >= MOST_DRAFTS) throw new RoomError('many');
  if (photo) await checkBytes(storeOf, id, photo.blob);
}

function put(storeOf: StoreOf, draft: KeptDraft, photo: KeptPhoto | null | undefined) {
  storeOf('drafts').put(draft);
  if (photo) storeOf('photos').put(photo);
  if (photo === null) storeOf('photos').delete(draft.id);
}

function remove(storeOf: StoreOf, id: string) {
  storeOf('drafts').delete(id);
  storeOf('photos').delete(id);
}
