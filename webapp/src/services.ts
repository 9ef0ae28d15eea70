import { createContext, useContext } from 'react';
import type { Drafts } from './drafts/drafts.ts';
import type { Places } from './feed/places.ts';
import type { PostCache } from './feed/post-cache.ts';
import type { Deletions } from './post/deletions.ts';
import type { Notices } from './layout/notices.ts';
import type { Uploads } from './upload/uploads.ts';

export const ServicesContext = createContext<
  | {
      posts: PostCache;
      places: Places;
      uploads: Uploads;
      drafts: Drafts;
      deletions: Deletions;
      notices: Notices;
    }
  | undefined
>(undefined);

/**
 * What lives as long as the page: the posts it knows, where in them its reader was, the photos it is sending, what is
 * being written, what it is about to delete, what it has to say.
 */
export function useServices() {
  const services = useContext(ServicesContext);
  if (!services) throw new Error('useServices outside ServicesContext');
  return services;
}
