/** What is told of a kind of failure: once when it appears, then once a second while it lasts. */
export type Failure = {
  /** The kind, as it stands in the lines of the requests. */
  error: string;
  /** Requests that it stands for. */
  count: number;
  /** One of them. */
  id: string;
  /** Its cause; absent when the name says it all. */
  err?: unknown;
};

const EVERY = 1_000;

/** Kinds told apart at a time: an error with a name made up anew each time must not fill the memory. */
const MAX_KINDS = 100;

/**
 * Keeps a failure that every request meets from writing a stack for each.
 * @param tell writes one into the log
 */
export function createFailures(tell: (failure: Failure) => void) {
  const kinds = new Map<string, Failure>();

  /**
   * Counts a failure under its kind and the place it comes from.
   * @returns the name of its kind
   */
  return (error: unknown, id: string, withCause: boolean): string => {
    const name = nameOf(error);
    const kind = withCause ? `${name} ${placeOf(error)}` : name;
    const failure: Failure = { error: name, count: 1, id, ...(withCause && { err: error }) };
    const known = kinds.get(kind);
    if (known) kinds.set(kind, { ...failure, count: known.count + 1 });
    else if (kinds.size < MAX_KINDS) {
      tell(failure);
      kinds.set(kind, { ...failure, count: 0 });
      watch(kind);
    }
    return name;
  };

  function watch(kind: string): void {
    // Keeps the process alive: the last of them are told too.
    setTimeout(() => {
      const failure = kinds.get(kind);
      if (!failure || failure.count === 0) return void kinds.delete(kind);
      tell(failure);
      kinds.set(kind, { ...failure, count: 0 });
      watch(kind);
    }, EVERY);
  }
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** The first frame of its stack. */
const placeOf = (error: unknown): string =>
  error instanceof Error ? (/^ +at .*$/m.exec(error.stack ?? '')?.[0] ?? '') : '';
