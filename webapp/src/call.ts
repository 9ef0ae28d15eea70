import * as v from 'valibot';

const Problem = v.object({ detail: v.string() });

/**
 * Why a call failed. `status` is 0 when no answer came: then `reason` tells why, as it does for the bucket's refusals, and for an
 * upload that an earlier page did not finish.
 */
export class ApiError extends Error {
  readonly reason:
    'offline' | 'unreachable' | 'timeout' | 'aborted' | 'interrupted' | 'garbled' | 'refused' | 'bucket';
  readonly status: number;
  /** The server's own words, in English; empty when it said nothing. */
  readonly detail: string;
  constructor(reason: ApiError['reason'], status = 0, detail = '') {
    super(`${reason} ${status} ${detail}`.trim());
    this.reason = reason;
    this.status = status;
    this.detail = detail;
  }
}

/** Whether there is no such post: it was deleted, or its id never was one. */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 422);
}

/** Milliseconds until a call to the API counts as lost. Uploads have no such limit: they show their progress. */
const PATIENCE = 20_000;

/** Where the API is: the page's own origin, unless it was built for another. */
export const base = new URL(import.meta.env.VITE_API_URL || '/', window.location.href);

/**
 * Calls the API.
 * @throws ApiError also for what the server refused
 */
export async function call(
  url: URL,
  init: Omit<RequestInit, 'signal'> & { signal?: AbortSignal | undefined },
): Promise<{ body: unknown; response: Response }> {
  const timeout = AbortSignal.timeout(PATIENCE);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  try {
    const response = await fetch(url, { ...init, signal });
    const text = await response.text();
    if (response.ok) return { body: parse(text), response };
    const problem = v.safeParse(Problem, parse(text, {}));
    throw new ApiError('refused', response.status, problem.success ? problem.output.detail : '');
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (timeout.aborted) throw new ApiError('timeout');
    if (signal.aborted) throw new ApiError('aborted');
    throw lost();
  }
}

/** For when no answer came. */
export function lost(): ApiError {
  return new ApiError(navigator.onLine ? 'unreachable' : 'offline');
}

/** @param otherwise for what is not JSON; without, that is an error */
export function parse(text: string, otherwise?: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (otherwise !== undefined) return otherwise;
    throw new ApiError('garbled');
  }
}

/** @throws ApiError when the server sent something else */
export function read<const S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (!result.success) throw new ApiError('garbled');
  return result.output;
}

/** The address of the next page in a Link header. @param at what it is relative to */
export function nextOf(header: string | null, at: string | URL): string | undefined {
  const link = /<([^>]*)>\s*;\s*rel="next"/.exec(header ?? '');
  return link?.[1] === undefined ? undefined : new URL(link[1], at).href;
}
