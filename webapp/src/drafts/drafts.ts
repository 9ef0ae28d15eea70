import type { Draft as Words, Post } from '../api.ts';
import type { KeptDrafts } from '../kept/drafts.ts';
import type { Trouble } from '../kept/room.ts';
import type { Tabs } from '../kept/tabs.ts';
import { keptUpload } from '../kept/uploads.ts';
import { createStore } from '../layout/store.ts';
import { draftOf, freshDraft, isBlank, type Draft } from './draft.ts';
import { createKeeper } from './keeper.ts';
import { begin, NO_FILES, type DraftsState } from './state.ts';
import { createFileTaker } from './take-files.ts';

export type Drafts = ReturnType<typeof createDrafts>;

/** What its user has written and not sent. It lives on in this browser when the page does not. */
export function createDrafts(kept: KeptDrafts, tabs: Tabs) {
  const store = createStore<DraftsState>(begin(''));
  const keeper = createKeeper(kept, find, onKept);
  /** What the database has not got of those who have signed out, by user. */
  const unkept = new Map<string, readonly Draft[]>();
  let changes = 0;
  let isFollowing = false;

  function set(news: Partial<DraftsState>) {
    changes++;
    store.set({ ...store.get(), ...news });
  }

  function onKept(id: string, trouble: Trouble | undefined) {
    const { troubles } = store.get();
    if (trouble === undefined) tabs.tell({ kind: 'drafts', gone: [] });
    if (troubles.get(id) === trouble) return;
    const others = [...troubles].filter(([other]) => other !== id);
    set({ troubles: new Map(trouble === undefined ? others : [...others, [id, trouble]]) });
  }

  function find(id: string): Draft | undefined {
    return store.get().drafts.find((draft) => draft.id === id);
  }

  function change(id: string, news: Partial<Draft>) {
    set({ drafts: store.get().drafts.map((draft) => (draft.id === id ? { ...draft, ...news } : draft)) });
  }

  /** @param wanted the one to open; without, the open one, and when that has gone, the one in its place */
  function show(list: readonly Draft[], wanted?: string, news: Partial<DraftsState> = {}) {
    const { user, open, drafts: before } = store.get();
    const drafts = list.length > 0 ? list : [freshDraft(user)];
    const place = before.findIndex(({ id }) => id === open);
    const next = drafts.find(({ id }) => id === (wanted ?? open)) ?? drafts[place] ?? drafts.at(-1);
    set({ ...news, drafts, open: next?.id ?? '' });
  }

  function leave(id: string) {
    keeper.forget(id);
    show(store.get().drafts.filter((draft) => draft.id !== id));
  }

  /** Takes a draft out of the database, and out of the other tabs. */
  async function erase(id: string) {
    keeper.forget(id);
    await kept.remove(id).catch(() => undefined);
    tabs.tell({ kind: 'drafts', gone: [id] });
  }

  async function load(): Promise<void> {
    const { user } = store.get();
    await keeper.flush();
    const before = changes;
    const records = await kept.read(user).catch(() => undefined);
    if (store.get().user !== user) return;
    // What was written meanwhile is newer than what was read.
    if (changes !== before) return load();
    const { drafts, ready, open } = store.get();
    const read = (records ?? []).map((record) => {
      const { id } = record.draft;
      return draftOf(record, find(id), keeper.hasNewPhoto(id));
    });
    const has = new Set(read.map(({ id }) => id));
    // Those that found no room are in this page alone; a blank one stays for who has it before them.
    const alone = drafts.filter((draft) => {
      if (has.has(draft.id)) return false;
      if (isBlank(draft)) return ready && draft.id === open;
      return records === undefined || !keeper.isStored(draft.id);
    });
    for (const id of has) keeper.found(id);
    const all = [...read, ...alone];
    const wanted = ready ? undefined : (all.find(({ id }) => id === open) ?? all[0])?.id;
    show(all, wanted, { ready: true });
    await Promise.all(alone.filter((draft) => !isBlank(draft)).map(({ id }) => keeper.save(id)));
  }

  const take = createFileTaker(kept, {
    get: store.get,
    set,
    isStored: (id) => keeper.isStored(id),
    async place(draft, isOpened) {
      const { drafts } = store.get();
      const isNew = !find(draft.id);
      const list = isNew
        ? [...drafts, draft]
        : drafts.map((other) => (other.id === draft.id ? draft : other));
      show(list, isOpened ? draft.id : undefined);
      await keeper.photoChanged(draft.id);
    },
  });

  tabs.hear((news) => {
    if (news.kind !== 'drafts') return;
    for (const id of news.gone) {
      leave(id);
      // What was being written just then came too late.
      void kept.remove(id).catch(() => undefined);
    }
    void load();
  });
  window.addEventListener('pagehide', () => void keeper.flush());
  document.addEventListener('visibilitychange', () => void keeper.flush());
  // A page that the browser has brought back has heard nothing meanwhile.
  window.addEventListener('pageshow', ({ persisted }) => void (persisted && load()));

  return {
    get: store.get,
    subscribe: store.subscribe,
    find,
    take,

    /** @param user whose drafts are shown from now on; empty for nobody, whose drafts the next one to sign in has */
    setUser(user: string) {
      const { user: before, drafts } = store.get();
      if (isFollowing && before === user) return;
      isFollowing = true;
      void keeper.flush();
      const written = drafts.filter((draft) => !isBlank(draft));
      const isAlone = ({ id }: Draft) => !keeper.isStored(id) || keeper.hasNewPhoto(id);
      unkept.set(before, before === '' ? [] : written.filter(isAlone));
      changes++;
      store.set(begin(user, [...(unkept.get(user) ?? []), ...(before === '' ? written : [])]));
      void load();
    },

    open(id: string) {
      const { drafts } = store.get();
      show(
        drafts.filter((draft) => draft.id === id || !isBlank(draft)),
        id,
        { files: NO_FILES },
      );
    },

    write(id: string, words: Partial<Words>) {
      change(id, words);
      const draft = find(id);
      if (draft && isBlank(draft)) void erase(id);
      else if (draft) keeper.wordsChanged(id);
    },

    removePhoto(id: string) {
      change(id, { photo: undefined });
      const draft = find(id);
      if (draft && isBlank(draft)) void erase(id);
      else if (draft) void keeper.photoChanged(id);
    },

    /** @returns what brings it back */
    discard(id: string): () => void {
      const draft = find(id);
      leave(id);
      set({ files: NO_FILES });
      void erase(id);
      return () => {
        const { user, drafts } = store.get();
        if (!draft || user !== draft.user) return;
        show([...drafts.filter((other) => !isBlank(other)), draft], id);
        void keeper.photoChanged(id);
      };
    },

    /** Notes that a draft is on its way, before it is: whether it arrived, a page that ends meanwhile cannot know. */
    async sending(id: string) {
      change(id, { fate: 'sending' });
      await keeper.save(id);
    },

    /** @param mayHave whether it may have become a post all the same */
    notSent(id: string, mayHave: boolean) {
      change(id, { fate: mayHave ? 'unsure' : undefined });
      void keeper.save(id);
    },

    /** It has become a post: what remains of it is a photo to send. */
    async sent({ id, photo }: Draft, post: Post) {
      const upload = photo && keptUpload(post, photo.blob);
      await kept.turnInto(id, upload).catch(() => undefined);
      leave(id);
      await erase(id);
    },
  };
}
