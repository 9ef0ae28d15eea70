import { readyToDelete, type Post } from '../api.ts';
import { ApiError } from '../call.ts';
import type { PostCache } from '../feed/post-cache.ts';
import { createStore } from '../layout/store.ts';
import type { Uploads } from '../upload/uploads.ts';

/** Milliseconds in which a deletion can be undone. */
const UNDO = 6_000;

/**
 * Deletions that can still be undone. The server is asked when the time for that is over, or when the page is left before; until
 * then the post is only taken off the page.
 */
export function createDeletions(posts: PostCache, uploads: Uploads) {
  const store = createStore<readonly Post[]>([]);
  const waiting = new Map<string, { send: () => void; putBack: () => void; timer: number }>();

  /** Of a deletion that is undone or sent. */
  function take(id: string) {
    const deletion = waiting.get(id);
    if (!deletion) return undefined;
    clearTimeout(deletion.timer);
    waiting.delete(id);
    store.set(store.get().filter((post) => post.id !== id));
    return deletion;
  }

  // Not `beforeunload`, which comes before the reader has decided.
  window.addEventListener('pagehide', () => {
    for (const id of waiting.keys()) take(id)?.send();
  });

  return {
    /** The posts that can be had back. */
    get: store.get,
    subscribe: store.subscribe,

    /** @param onRefused called when the post is back because the server did not delete it */
    start(post: Post, onRefused: (error: unknown) => void) {
      const putBack = posts.remove(post);
      const asked = readyToDelete(post.user, post.id);
      let ready: (() => Promise<void>) | undefined;
      asked.then(
        (it) => (ready = it),
        () => undefined,
      );
      async function send() {
        try {
          // Without a wait where there need be none: nothing that waits survives the page.
          await (ready ? ready() : (await asked)());
        } catch (error) {
          // Gone already, by another tab perhaps: what was wanted.
          if (!(error instanceof ApiError && error.status === 404)) {
            putBack();
            return onRefused(error);
          }
        }
        uploads.drop(post.id);
      }
      const timer = window.setTimeout(() => void take(post.id)?.send(), UNDO);
      waiting.set(post.id, { send: () => void send(), putBack, timer });
      store.set([...store.get(), post]);
    },

    undo: (id: string) => take(id)?.putBack(),
  };
}

export type Deletions = ReturnType<typeof createDeletions>;
