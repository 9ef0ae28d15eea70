import { randomId, type Tabs } from '../kept/tabs.ts';

/**
 * Which photos other tabs are sending: they are not to be sent from here, too.
 * @param mine the ids of the posts whose photos this tab is sending
 * @param onNews called when what the others are sending, or what is kept, may have changed
 */
export function createElsewhere(tabs: Tabs, mine: () => readonly string[], onNews: () => void) {
  const tab = randomId();
  const others = new Map<string, readonly string[]>();

  function tell() {
    tabs.tell({ kind: 'sending', tab, ids: mine() });
  }

  tabs.hear((news) => {
    if (news.kind === 'who') tell();
    if (news.kind === 'sending') others.set(news.tab, news.ids);
    if (news.kind === 'sending' || news.kind === 'uploads') onNews();
  });
  window.addEventListener('pagehide', () => tabs.tell({ kind: 'sending', tab, ids: [] }));
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') return;
    // A tab that crashed says nothing: whoever does not answer sends nothing.
    others.clear();
    tabs.tell({ kind: 'who' });
    onNews();
  });
  tabs.tell({ kind: 'who' });

  return {
    /** Tells the others what this tab is sending now. */
    tell,
    has: (id: string) => [...others.values()].some((ids) => ids.includes(id)),
  };
}
