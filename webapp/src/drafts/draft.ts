import type { Draft as Words } from '../api.ts';
import type { KeptDraft, KeptPhoto } from '../kept/drafts.ts';
import { randomId } from '../kept/tabs.ts';
import type { PreparedPhoto } from '../upload/prepare.ts';

/** A post that is being written. `key` is new with each photo. */
export type Draft = Words & {
  id: string;
  /** Empty as long as nobody is signed in. */
  user: string;
  /** Milliseconds since 1970 at which it was begun. */
  at: number;
  photo: (PreparedPhoto & { key: string }) | undefined;
  /** Set once it is sent: `unsure` when no answer came, so that it may be a post already. */
  fate: 'sending' | 'unsure' | undefined;
};

export function freshDraft(user: string): Draft {
  return {
    id: randomId(),
    user,
    title: '',
    body: '',
    alt: '',
    at: Date.now(),
    photo: undefined,
    fate: undefined,
  };
}

/** Whether nothing would be lost with it. */
export function isBlank({ title, body, alt, photo }: Draft): boolean {
  return photo === undefined && [title, body, alt].every((words) => words.trim() === '');
}

export function recordOf({ id, user, title, body, alt, at, fate }: Draft): KeptDraft {
  return { id, user, title, body, alt, at, unsure: fate !== undefined };
}

export function photoRecordOf({ id, photo }: Draft): KeptPhoto | null {
  return photo ? { id, ...photo } : null;
}

/**
 * A draft as the browser has it.
 * @param known what this page has of it
 * @param keepPhoto the page's photo is newer
 */
export function draftOf(
  { draft, photo }: { draft: KeptDraft; photo: KeptPhoto | undefined },
  known: Draft | undefined,
  keepPhoto: boolean,
): Draft {
  const { unsure, ...rest } = draft;
  // The same photo stays the same blob, whose preview is there already.
  const isSame = known !== undefined && (keepPhoto || known.photo?.key === photo?.key);
  return {
    ...rest,
    photo: isSame ? known?.photo : photo && partsOf(photo),
    fate: known?.fate === 'sending' ? 'sending' : unsure ? 'unsure' : undefined,
  };
}

function partsOf({ key, blob, width, height }: KeptPhoto) {
  return { key, blob, width, height };
}
