/** What a client was told of one post, which has to be true in the end. */
export type Entry = {
  user: string;
  id: string;
  /** Key of the last photo whose PUT was acknowledged. */
  photo?: string;
  /** `asked`: a DELETE was sent, and its answer never came. */
  deleted?: 'asked' | 'acknowledged';
};

export type Ledger = ReturnType<typeof createLedger>;

export function createLedger() {
  return {
    entries: [] as Entry[],
    acknowledged: { posts: 0, photos: 0, deletes: 0 },
    /** Answers that were errors, by status, and calls that got none. */
    errors: new Map<number | 'cut', number>(),
    /** A 404 of what was there: said at once, for the end would not show it. */
    lost: [] as Entry[],
  };
}
