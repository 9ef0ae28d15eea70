import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from 'react';
import { recall, remember } from './storage.ts';

const SessionContext = createContext<
  { name: string | undefined; signIn: (name: string) => void; signOut: () => void } | undefined
>(undefined);

/** Who is using the page: a name, kept over reloads. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const [name, setName] = useState(() => recall('name'));
  const change = useCallback((next: string | undefined) => {
    remember('name', next);
    setName(next);
  }, []);
  const value = useMemo(
    () => ({ name, signIn: (next: string) => change(next), signOut: () => change(undefined) }),
    [name, change],
  );
  return <SessionContext value={value}>{children}</SessionContext>;
}

export function useSession() {
  const value = useContext(SessionContext);
  if (!value) throw new Error('useSession outside SessionProvider');
  return value;
}
