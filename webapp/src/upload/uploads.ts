import { ApiError, readPost, signUpload, type Post } from '../api.ts';
import type { PostCache } from '../feed/post-cache.ts';
import { createStore } from '../layout/store.ts';
import { showsPhoto } from '../photo-address.ts';
import { uploadPhoto } from './upload-photo.ts';

/** A photo on its way to a post. The server knows nothing of it until it is labelled: this tab does. */
export type Upload = {
  postId: string;
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

/** Sends photos and watches for their labels, whatever screen is shown meanwhile. */
export function createUploads(cache: PostCache) {
  const store = createStore<ReadonlyMap<string, Upload>>(new Map());
  const stops = new Map<string, AbortController>();

  function change(postId: string, news: Partial<Upload>) {
    const upload = store.get().get(postId);
    if (upload) store.set(new Map(store.get()).set(postId, { ...upload, ...news }));
  }

  function drop(postId: string) {
    stops.get(postId)?.abort();
    stops.delete(postId);
    const upload = store.get().get(postId);
    if (!upload) return;
    URL.revokeObjectURL(upload.preview);
    store.set(new Map([...store.get()].filter(([id]) => id !== postId)));
  }

  async function run(name: string, post: Post, photo: Blob, signal: AbortSignal) {
    const news = (change_: Partial<Upload>) => {
      if (!signal.aborted) change(post.id, change_);
    };
    try {
      const signed = await signUpload(name, post.id, photo);
      await uploadPhoto(signed, photo, (share) => news({ share }), signal);
      news({ phase: 'reading', share: 1 });
      const read = await watch(post, signed.objectName, signal);
      if (read) cache.update(read);
      news({ phase: read ? 'done' : 'late' });
    } catch (error) {
      news({ phase: 'failed', error });
    }
  }

  return {
    get: store.get,
    subscribe: store.subscribe,
    drop,

    start(name: string, post: Post, photo: Blob) {
      drop(post.id);
      const stop = new AbortController();
      stops.set(post.id, stop);
      const preview = URL.createObjectURL(photo);
      store.set(
        new Map(store.get()).set(post.id, {
          postId: post.id,
          photo,
          preview,
          phase: 'sending',
          share: 0,
          error: undefined,
        }),
      );
      void run(name, post, photo, stop.signal);
    },

    cancel(postId: string) {
      stops.get(postId)?.abort();
      change(postId, { phase: 'cancelled' });
    },

    dropAll() {
      for (const postId of store.get().keys()) drop(postId);
    },

    isSending: () => [...store.get().values()].some(({ phase }) => phase === 'sending'),
  };
}

export type Uploads = ReturnType<typeof createUploads>;

/** Looks at a post, less and less often, until it tells what became of the photo. @returns undefined when it never did */
async function watch(before: Post, objectName: string, signal: AbortSignal): Promise<Post | undefined> {
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

function tellsOf(post: Post, before: Post, objectName: string): boolean {
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
