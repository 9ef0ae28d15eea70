import { createStore } from './store.ts';

/** `undo` brings back what it says has gone. */
export type Notice = { id: number; words: string; bad: boolean; undo: (() => void) | undefined };

/** Milliseconds a notice stays: long enough to be read, and to be read aloud. */
const STAY = 7_000;

/** Short messages at the edge of the page. */
export function createNotices() {
  const store = createStore<readonly Notice[]>([]);
  let count = 0;
  function dismiss(id: number) {
    store.set(store.get().filter((notice) => notice.id !== id));
  }
  return {
    get: store.get,
    subscribe: store.subscribe,
    dismiss,
    say(words: string, bad = false, undo?: () => void) {
      const id = ++count;
      store.set([...store.get(), { id, words, bad, undo }]);
      setTimeout(() => dismiss(id), STAY);
    },
  };
}

export type Notices = ReturnType<typeof createNotices>;
