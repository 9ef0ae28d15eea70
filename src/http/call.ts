import type { IncomingHttpHeaders } from 'node:http';

/** What an answer may take of this process's memory. */
export type Share = {
  /**
   * Waits until so many bytes more are free, and holds them until the answer is sent.
   * @throws Busy (503) when none come free in time
   */
  take(bytes: number): Promise<void>;
  /** Gives back all but so many bytes. */
  keep(bytes: number): void;
};

/** For answers that are bounded otherwise. */
export const NO_BOUND: Share = { take: () => Promise.resolve(), keep: () => undefined };

/** One request as a handler sees it. */
export type Call = {
  /** The path as sent, still percent-encoded. */
  readonly path: string;
  /** Decoded `:name` segments of the route. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The network address that the caller has, as far as it can be believed. */
  readonly address: string;
  /** Where a handler takes the memory for an answer whose size grows with what is stored, before it reads any of it. */
  readonly memory: Share;
  /**
   * Reads the body as JSON.
   * @throws HttpError 400 when it is not JSON in UTF-8, 413 when it is too long
   */
  json(): Promise<unknown>;
  /**
   * Reads the body as it is. A body can be read once.
   * @param limit bytes it may have
   * @throws HttpError 413 when it is longer
   */
  bytes(limit: number): Promise<Buffer>;
};

/**
 * What a handler returns. `body` is sent as it is when it is bytes, streamed as one JSON array when it is an async
 * iterable of arrays (a page each), and as JSON otherwise. A reply with an `etag` is a 304 to whoever has it.
 */
export type Reply = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The path of the file that this is, which is logged: the one that was asked for may be one of many that lead to it. */
  readonly file?: string;
};

export type Handler = (call: Call) => Reply | Promise<Reply>;

/** `'METHOD /path/:param'` → handler. */
export type Routes = Readonly<Record<string, Handler>>;

/** An answer that is not a success; what `detail` says reaches the caller. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  /**
   * @param status HTTP status, 4xx or 5xx
   * @param detail one sentence for the caller, naming what is wrong
   * @param headers sent with the answer, such as `Allow`
   */
  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }
}
