// The style sheets first: those of the screens refine them.
import './layout/fonts.css';
import './layout/base.css';
import './layout/controls.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api.ts';
import { App } from './app.tsx';
import { createPlaces } from './feed/places.ts';
import { createPostCache } from './feed/post-cache.ts';
import { LanguageProvider } from './i18n/language.tsx';
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
const uploads = createUploads(posts);
const services = {
  posts,
  places: createPlaces(),
  uploads,
  deletions: createDeletions(posts, uploads),
  notices: createNotices(),
};

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

function mayPass(error: Error): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}
