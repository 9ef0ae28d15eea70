import { describeError, type LoggedError } from '../runtime/log.ts';
import { HttpError } from './call.ts';

/** What is told of a kind of failure: when it appears, and then once a second while it lasts. */
export type Failure = {
  /** The kind, as it stands in the lines of the requests. */
  error: string;
  /** Requests that this line stands for. */
  count: number;
  /** One of them. */
  id: string;
  /** Its cause; absent where the name says it all. */
  err?: LoggedError;
};

const EVERY = 1_000;

/** Kinds told apart at a time. Beyond them a failure is named in the line of its request alone. */
const MAX_KINDS = 100;

/**
 * Keeps a failure that every request meets from writing a stack for each.
 * @param tell writes one into the log
 */
export function createFailures(tell: (failure: Failure) => void) {
  const kinds = new Map<string, { latest: unknown; id: string; untold: number }>();

  /**
   * Counts a failure of the request with this id.
   * @returns the name of its kind
   */
  return (error: unknown, id: string): string => {
    const kind = `${nameOf(error)} ${placeOf(error)}`;
    const known = kinds.get(kind);
    if (known) {
      Object.assign(known, { latest: error, id });
      known.untold += 1;
    } else if (kinds.size < MAX_KINDS) {
      kinds.set(kind, { latest: error, id, untold: 1 });
      tellOf(kind);
    }
    return nameOf(error);
  };

  /** Tells what was not told yet, and comes back for the next; forgets a kind that has not come again. */
  function tellOf(kind: string): void {
    const known = kinds.get(kind);
    if (!known || known.untold === 0) return void kinds.delete(kind);
    const { latest, id, untold } = known;
    // A refusal of our own has a cause only where something else failed behind it.
    const cause = latest instanceof HttpError ? latest.cause : latest;
    tell({
      error: nameOf(latest),
      count: untold,
      id,
      ...(cause !== undefined && { err: describeError(cause) }),
    });
    known.untold = 0;
    // Keeps the process alive until the last of them is told.
    setTimeout(tellOf, EVERY, kind);
  }
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** The first frame of its stack. */
const placeOf = (error: unknown): string =>
  error instanceof Error ? (/^ +at .*$/m.exec(error.stack ?? '')?.[0] ?? '') : '';
