import { createContext, useContext, useSyncExternalStore } from 'react';
import type { startSession } from './start.ts';

export const SessionContext = createContext<ReturnType<typeof startSession> | undefined>(undefined);

/** Who is using the page, and how one signs in and out. */
export function useSession() {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession outside SessionContext');
  const { signIn, signOut } = session;
  return { ...useSyncExternalStore(session.subscribe, session.get), signIn, signOut };
}
