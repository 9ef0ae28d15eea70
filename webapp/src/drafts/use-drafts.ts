import { useSyncExternalStore } from 'react';
import { useServices } from '../services.ts';

/** The drafts of whoever uses the page. */
export function useDrafts() {
  const { drafts } = useServices();
  return useSyncExternalStore(drafts.subscribe, drafts.get);
}
