/** What the tabs of one browser tell each other. */
export type News =
  /** Drafts have changed; those in `gone` are posted or discarded. */
  | { kind: 'drafts'; gone: readonly string[] }
  /** The photos that wait to be sent have changed. */
  | { kind: 'uploads' }
  /** All that this tab is sending, by the ids of the posts. */
  | { kind: 'sending'; tab: string; ids: readonly string[] }
  /** Asks every tab what it is sending. */
  | { kind: 'who' };

export type Tabs = ReturnType<typeof openTabs>;

/** The other tabs of this browser that show this site. */
export function openTabs() {
  const channel = new BroadcastChannel('postagram');
  return {
    tell(news: News) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel, not a window
      channel.postMessage(news);
    },
    hear(listener: (news: News) => void) {
      // Nobody but this page writes to it; of a newer one in another tab, what is unknown here is passed over.
      channel.addEventListener('message', ({ data }: MessageEvent<News>) => listener(data));
    },
  };
}

/** Not `randomUUID`, which browsers have on https and on localhost only. */
export function randomId(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
