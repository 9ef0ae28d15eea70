// The style sheets first: those of the screens refine them.
import './layout/fonts.css';
import './layout/base.css';
import './layout/controls.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './call.ts';
import { App } from './app.tsx';
import { createDrafts } from './drafts/drafts.ts';
import { createPlaces } from './feed/places.ts';
import { createPostCache } from './feed/post-cache.ts';
import { LanguageProvider } from './i18n/language.tsx';
import { createDatabase } from './kept/database.ts';
import { createKeptDrafts } from './kept/drafts.ts';
import { openTabs } from './kept/tabs.ts';
import { createKeptUploads } from './kept/uploads.ts';
import { createNotices } from './layout/notices.ts';
import { ServicesContext } from './services.ts';
import { createDeletions } from './post/deletions.ts';
import { startSession } from './session/start.ts';
import { SessionContext } from './session/session.tsx';
import { createUploads } from './upload/uploads.ts';

const queries = new QueryClient({
  defaultOptions: {
    // A refusal is final; silence, or trouble at the other end, may pass.
    queries: { retry: (times, error) => times < 2 && mayPass(error), refetchOnWindowFocus: false },
    // Offline, an action fails at once and in words, instead of waiting unseen for the network.
    mutations: { networkMode: 'always' },
  },
});
const posts = createPostCache(queries);
const session = startSession();
const database = createDatabase();
const tabs = openTabs();
const uploads = createUploads(posts, createKeptUploads(database), tabs);
const drafts = createDrafts(createKeptDrafts(database), tabs);
const services = {
  posts,
  places: createPlaces(),
  uploads,
  drafts,
  deletions: createDeletions(posts, uploads),
  notices: createNotices(),
};

session.subscribe(followUser);
followUser();

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <LanguageProvider>
          <SessionContext value={session}>
            <ServicesContext value={services}>
              <App />
            </ServicesContext>
          </SessionContext>
        </LanguageProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}

/** What is being written and sent is that of whoever uses the page. */
function followUser() {
  const { name } = session.get();
  uploads.setUser(name);
  drafts.setUser(name ?? '');
}

function mayPass(error: Error): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}
