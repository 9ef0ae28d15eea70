import { readPost, signUpload, type Post } from '../api.ts';
import { ApiError } from '../call.ts';
import type { PostCache } from '../feed/post-cache.ts';
import { createStore } from '../layout/store.ts';
import type { Tabs } from '../kept/tabs.ts';
import { keptUpload, type KeptUploads, type Target } from '../kept/uploads.ts';
import { showsPhoto } from '../photo-address.ts';
import { createElsewhere } from './elsewhere.ts';
import { uploadPhoto } from './upload-photo.ts';

/** A photo on its way to a post. The server knows nothing of it until it is labelled: this browser does. */
export type Upload = {
  post: Target;
  photo: Blob;
  /** Object URL of the photo, for showing it before the bucket does. */
  preview: string;
  phase: 'sending' | 'reading' | 'done' | 'late' | 'failed' | 'cancelled';
  /** Share sent, 0 to 1. */
  share: number;
  error: unknown;
};

/** Milliseconds: first pause between two looks for labels, the longest, and when to stop looking. */
const FIRST_PAUSE = 400;
const LONGEST_PAUSE = 10_000;
const GIVE_UP = 5 * 60_000;
const SLOWER = 1.5;
const SAME_FAILURE = 20_000;

/**
 * Sends photos and watches for their labels, whatever screen is shown meanwhile. A photo stays in this browser until the bucket
 * has it.
 */
export function createUploads(cache: PostCache, kept: KeptUploads, tabs: Tabs) {
  const store = createStore<ReadonlyMap<string, Upload>>(new Map());
  const stops = new Map<string, AbortController>();
  const elsewhere = createElsewhere(tabs, sendingIds, () => void load());
  /** Photos that this browser had no room for: they are in this page alone. */
  const unkept = new Set<string>();
  let user: string | undefined;

  function sendingIds() {
    return [...store.get().values()].filter(({ phase }) => phase === 'sending').map(({ post }) => post.id);
  }

  function put(upload: Upload) {
    store.set(new Map(store.get()).set(upload.post.id, upload));
  }

  function change(id: string, news: Partial<Upload>) {
    const upload = store.get().get(id);
    if (upload) put({ ...upload, ...news });
  }

  /** Takes an upload off the page. */
  function leave(id: string) {
    stops.get(id)?.abort();
    stops.delete(id);
    const upload = store.get().get(id);
    if (!upload) return;
    URL.revokeObjectURL(upload.preview);
    store.set(new Map([...store.get()].filter(([other]) => other !== id)));
  }

  async function keep(upload: Upload) {
    try {
      await kept.save(keptUpload(upload.post, upload.photo));
      unkept.delete(upload.post.id);
    } catch {
      unkept.add(upload.post.id);
    }
    tabs.tell({ kind: 'uploads' });
  }

  async function forget(id: string) {
    unkept.delete(id);
    await kept.remove(id).catch(() => undefined);
    tabs.tell({ kind: 'uploads' });
    // What was read meanwhile may still have had it.
    await load();
  }

  function drop(id: string) {
    leave(id);
    void forget(id);
  }

  /** Shows what this browser keeps and nobody is sending. */
  async function load() {
    const of = user;
    const records = of === undefined ? [] : await kept.read(of).catch(() => undefined);
    if (user !== of || !records) return;
    const waiting = records.filter(({ id }) => !elsewhere.has(id));
    const has = new Set(waiting.map(({ id }) => id));
    for (const { post, phase } of store.get().values()) {
      const isOver = elsewhere.has(post.id) || !(has.has(post.id) || unkept.has(post.id));
      if (isOver && (phase === 'failed' || phase === 'cancelled')) leave(post.id);
    }
    for (const { id, post, blob } of waiting) {
      if (store.get().has(id)) continue;
      const preview = URL.createObjectURL(blob);
      put({ post, photo: blob, preview, phase: 'failed', share: 0, error: new ApiError('interrupted') });
    }
  }

  async function run(post: Target, photo: Blob, signal: AbortSignal) {
    const news = (change_: Partial<Upload>) => {
      if (!signal.aborted) change(post.id, change_);
    };
    try {
      const signed = await signUpload(post.user, post.id, photo);
      await uploadPhoto(signed, photo, (share) => news({ share }), signal);
      news({ phase: 'reading', share: 1 });
      void forget(post.id);
      elsewhere.tell();
      const read = await watch(post, signed.objectName, signal);
      if (read) cache.update(read);
      news({ phase: read ? 'done' : 'late' });
    } catch (error) {
      news({ phase: 'failed', error });
      elsewhere.tell();
    }
  }

  /** @param isKept the photo is in this browser's database already */
  function start(post: Target, photo: Blob, isKept = false) {
    // Its user has signed out meanwhile, and finds it on coming back.
    if (post.user !== user && isKept) return;
    leave(post.id);
    const stop = new AbortController();
    stops.set(post.id, stop);
    const preview = URL.createObjectURL(photo);
    const upload: Upload = { post, photo, preview, phase: 'sending', share: 0, error: undefined };
    put(upload);
    if (!isKept) void keep(upload);
    elsewhere.tell();
    void run(post, photo, stop.signal);
  }

  // A page that the browser has brought back has heard nothing meanwhile.
  window.addEventListener('pageshow', ({ persisted }) => void (persisted && load()));

  return {
    get: store.get,
    subscribe: store.subscribe,
    start,
    drop,

    again(id: string) {
      const upload = store.get().get(id);
      if (upload) start(upload.post, upload.photo, !unkept.has(id));
    },

    cancel(id: string) {
      stops.get(id)?.abort();
      change(id, { phase: 'cancelled' });
      elsewhere.tell();
    },

    /** Gives up a photo that was not sent. @returns what brings it back */
    letGo(id: string): () => void {
      const upload = store.get().get(id);
      drop(id);
      return () => {
        if (!upload || upload.post.user !== user || store.get().has(id)) return;
        const back = { ...upload, preview: URL.createObjectURL(upload.photo) };
        put(back);
        void keep(back);
      };
    },

    /** @param name whose photos are sent from now on; those that another has not sent yet wait for that one */
    setUser(name: string | undefined) {
      if (user === name) return;
      for (const id of store.get().keys()) leave(id);
      unkept.clear();
      user = name;
      elsewhere.tell();
      void load();
    },

    isSending: () => sendingIds().length > 0,
  };
}

export type Uploads = ReturnType<typeof createUploads>;

/** Looks at a post, less and less often, until it tells what became of the photo. @returns undefined when it never did */
async function watch(before: Target, objectName: string, signal: AbortSignal): Promise<Post | undefined> {
  const end = Date.now() + GIVE_UP;
  for (let pause = FIRST_PAUSE; Date.now() < end; pause = Math.min(pause * SLOWER, LONGEST_PAUSE)) {
    await sleep(pause, signal);
    const post = await readPost(before.id, signal).catch(keepLooking);
    // A second photo that fails just as the first did cannot be told from no news: after a while it is taken for that.
    const unchanged = post?.status === 'failed' && Date.now() > end - GIVE_UP + SAME_FAILURE;
    if (post && (unchanged || tellsOf(post, before, objectName))) return post;
  }
  return undefined;
}

/** While only the looking fails, the photo itself is safe in the bucket. */
function keepLooking(error: unknown): undefined {
  if (error instanceof ApiError && error.reason === 'aborted') throw error;
}

function tellsOf(post: Post, before: Target, objectName: string): boolean {
  if (showsPhoto(post, objectName)) return true;
  return post.status === 'failed' && (before.status !== 'failed' || post.error !== before.error);
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new ApiError('aborted'));
    });
  });
}
