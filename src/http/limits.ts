/** What one process takes on. docs/decisions/limits.md has the arithmetic and what was measured. */
export const LIMITS = {
  /** Requests at work at a time. Each may hold a body, 64 KiB, and an answer of one post, 80 KiB. */
  requests: 512,
  /** Requests that a connection may have waiting behind the one at work: browsers and load balancers send none. */
  queued: 8,
  /** Bytes that the answers to all lists may hold together. */
  listBytes: 32 * 1024 * 1024,
  /** How long a list waits for its share of them, ms. */
  listWaitMs: 20_000,
  /** A reader that takes less than `floorBytes` of its answer in `floorMs` is closed: 1.4 KiB/s. */
  floorBytes: 64 * 1024,
  floorMs: 45_000,
  /** Who has taken less than `floorBytes` in this time, or not sent its body, may be closed when others need its place, ms. */
  stalledMs: 2_000,
  /** How often that is looked at, ms. */
  lookMs: 1_000,
};

export type Limits = typeof LIMITS;
