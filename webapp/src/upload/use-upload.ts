import { useEffect, useSyncExternalStore } from 'react';
import { useServices } from '../services.ts';
import type { Upload, Uploads } from './uploads.ts';

/** The photo this tab is sending, or has sent, to a post. */
export function useUpload(postId: string): Upload | undefined {
  const { uploads } = useServices();
  return useSyncExternalStore(uploads.subscribe, () => uploads.get().get(postId));
}

/** Has the browser ask before it closes a tab that is still sending. */
export function useLeaveGuard(uploads: Uploads) {
  useEffect(() => {
    function guard(event: BeforeUnloadEvent) {
      if (uploads.isSending()) event.preventDefault();
    }
    window.addEventListener('beforeunload', guard);
    return () => window.removeEventListener('beforeunload', guard);
  }, [uploads]);
}
