import type { Trouble } from '../kept/room.ts';
import { freshDraft, type Draft } from './draft.ts';

/** A file that is no photo, or none that can be posted. */
export type Refusal = { name: string; error: unknown };

export type DraftsState = {
  /** Empty as long as nobody is signed in. */
  user: string;
  /** What this browser keeps has been read. */
  ready: boolean;
  /** In the order in which they were begun. There is always one. */
  drafts: readonly Draft[];
  /** The id of the one that is open. */
  open: string;
  /** Why drafts are not kept, by their ids. */
  troubles: ReadonlyMap<string, Trouble>;
  /** Files that are being prepared. */
  busy: number;
  /** What came of the latest files: those that cannot be posted, how many there were, and for how many there was no room. */
  files: { refused: readonly Refusal[]; count: number; left: number };
};

export const NO_FILES = { refused: [], count: 0, left: 0 };

/** @param carried drafts that become the user's */
export function begin(user: string, carried: readonly Draft[] = []): DraftsState {
  const drafts = carried.length > 0 ? carried.map((draft) => ({ ...draft, user })) : [freshDraft(user)];
  return {
    user,
    ready: false,
    drafts,
    open: drafts[0]?.id ?? '',
    troubles: new Map(),
    busy: 0,
    files: NO_FILES,
  };
}
