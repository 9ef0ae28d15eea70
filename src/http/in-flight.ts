import type { IncomingMessage } from 'node:http';
import { createQuota, type Quota } from '../runtime/quota.ts';
import { Busy } from './busy.ts';
import type { Share } from './call.ts';
import type { Limits } from './limits.ts';

export type InFlight = ReturnType<typeof createInFlight>;

/** How long it is taken for granted that nobody keeps us waiting too long, ms: in a flood each look would cost 25 µs. */
const LOOK_AGAIN = 100;

/** The connection is gone. Node's own code for that. */
export const gone = (): Error =>
  Object.assign(new Error('The connection is closed'), { code: 'ERR_STREAM_PREMATURE_CLOSE' });

/**
 * The requests at work and what they hold. Whoever keeps us waiting (takes too little of its answer, does not send its
 * body) is closed after `floorMs`, and sooner when another needs its place: the slowest first.
 */
export function createInFlight(limits: Limits) {
  const flights = new Set<Flight>();
  const memory = createQuota({
    total: limits.listBytes,
    waitMs: limits.listWaitMs,
    refusal: () => new Busy('ListsFull', 'Too many lists are being read. Try again in a moment.'),
    makeRoom: () => evict(({ held }) => held > 0),
  });
  let fullUntil = 0;
  setInterval(look, limits.lookMs).unref();

  return {
    /** Whether one more may be taken on, if need be in the place of one that keeps us waiting. */
    hasRoom(): boolean {
      if (flights.size < limits.requests) return true;
      const now = performance.now();
      if (now < fullUntil) return false;
      if (evict(() => true)) return true;
      fullUntil = now + LOOK_AGAIN;
      return false;
    },

    enter(request: IncomingMessage): Flight {
      const flight = new Flight(request, memory);
      flights.add(flight);
      return flight;
    },

    leave,
  };

  function leave(flight: Flight): void {
    flights.delete(flight);
    flight.end();
  }

  function look(): void {
    const now = performance.now();
    for (const flight of flights) {
      const waited = flight.waitedFor(now, limits.floorBytes);
      if (waited >= limits.floorMs && flight.isReading) {
        close(flight, new Busy('SlowReader', 'took too little of its answer'));
      }
    }
    memory.admit();
  }

  function evict(isWanted: (flight: Flight) => boolean): boolean {
    const now = performance.now();
    let slowest: { flight: Flight; waited: number } | undefined;
    for (const flight of flights) {
      if (!isWanted(flight)) continue;
      const waited = flight.waitedFor(now, limits.floorBytes);
      if (waited >= limits.stalledMs && waited > (slowest?.waited ?? 0)) slowest = { flight, waited };
    }
    if (slowest) close(slowest.flight, new Busy('Evicted', 'kept others waiting'));
    return slowest !== undefined;
  }

  function close(flight: Flight, why: Error): void {
    flight.cut(why);
    leave(flight);
  }
}

/** One request at work, until its answer is with the kernel, and its share of the memory for lists. */
export class Flight implements Share {
  /** Why its connection was closed by us. */
  closed: Error | undefined;
  /** Bytes that it holds. */
  held = 0;
  readonly #request: IncomingMessage;
  readonly #memory: Quota;
  #isOver = false;
  /** Bytes of this connection that the kernel had taken at `#since`; both are noted at the first look. */
  #taken = 0;
  /** The last time, in ms, at which it did not wait for its client, or the client had taken enough. */
  #since: number | undefined;

  constructor(request: IncomingMessage, memory: Quota) {
    this.#request = request;
    this.#memory = memory;
  }

  async take(bytes: number): Promise<void> {
    const wait = this.#memory.take(bytes);
    if (wait) await wait;
    this.held += bytes;
    if (!this.#isOver) return;
    this.keep(0);
    throw gone();
  }

  keep(bytes: number): void {
    const given = this.held - bytes;
    if (given <= 0) return;
    this.held = bytes;
    this.#memory.give(given);
  }

  /** Whether it has been read whole, so that it is its answer that is waited for. */
  get isReading(): boolean {
    return this.#request.complete;
  }

  /**
   * How long its client has kept us waiting, ms.
   * @param enough bytes to take, for the time to begin anew
   */
  waitedFor(now: number, enough: number): number {
    const { socket, complete } = this.#request;
    // What is written, less what waits in this process.
    const taken = socket.bytesWritten - socket.writableLength;
    const isWaiting = !complete || socket.writableLength > 0;
    if (!isWaiting || this.#since === undefined || taken - this.#taken >= enough) {
      this.#taken = taken;
      this.#since = now;
    }
    return now - this.#since;
  }

  cut(why: Error): void {
    this.closed = why;
    this.#request.socket.destroy();
  }

  end(): void {
    this.#isOver = true;
    this.keep(0);
  }
}
