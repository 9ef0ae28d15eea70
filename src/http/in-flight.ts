import type { IncomingMessage, ServerResponse } from 'node:http';
import { createQuota } from '../runtime/quota.ts';
import { Busy } from './busy.ts';
import type { Share } from './call.ts';
import type { Limits } from './limits.ts';

/** One request at work, until its answer is with the kernel. */
export type Flight = {
  readonly memory: Share;
  /** Why its connection was closed by us. */
  closed?: Error;
};

type Tracked = Flight & {
  request: IncomingMessage;
  response: ServerResponse;
  /** Bytes that it holds of the memory for lists. */
  held: number;
  over: boolean;
  /** Bytes of this connection that the kernel had taken at `since`. */
  taken: number;
  /** The last time, in ms, at which this request did not wait for its client, or the client had taken enough. */
  since: number;
};

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
  const flights = new Set<Tracked>();
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

    enter(request: IncomingMessage, response: ServerResponse): Flight {
      const flight: Tracked = {
        request,
        response,
        held: 0,
        over: false,
        taken: takenOf(request),
        since: performance.now(),
        memory: { take: (bytes) => take(flight, bytes), keep: (bytes) => keep(flight, bytes) },
      };
      flights.add(flight);
      response.once('close', () => leave(flight));
      return flight;
    },
  };

  async function take(flight: Tracked, bytes: number): Promise<void> {
    const wait = memory.take(bytes);
    if (wait) await wait;
    flight.held += bytes;
    if (!flight.over) return;
    keep(flight, 0);
    throw gone();
  }

  function keep(flight: Tracked, bytes: number): void {
    const given = flight.held - bytes;
    if (given <= 0) return;
    flight.held = bytes;
    memory.give(given);
  }

  function leave(flight: Tracked): void {
    flight.over = true;
    flights.delete(flight);
    keep(flight, 0);
  }

  function look(): void {
    const now = performance.now();
    for (const flight of flights) {
      const waited = waitedFor(flight, now);
      if (waited >= limits.floorMs && flight.request.complete)
        close(flight, new Busy('SlowReader', 'took too little of its answer'));
    }
    memory.admit();
  }

  /** How long a client has kept us waiting, ms. */
  function waitedFor(flight: Tracked, now: number): number {
    const { socket, complete } = flight.request;
    const taken = takenOf(flight.request);
    const isWaiting = !complete || socket.writableLength > 0;
    if (!isWaiting || taken - flight.taken >= limits.floorBytes) {
      flight.taken = taken;
      flight.since = now;
    }
    return now - flight.since;
  }

  function evict(isWanted: (flight: Tracked) => boolean): boolean {
    const now = performance.now();
    let slowest: Tracked | undefined;
    for (const flight of flights) {
      if (!isWanted(flight) || waitedFor(flight, now) < limits.stalledMs) continue;
      if (!slowest || flight.since < slowest.since) slowest = flight;
    }
    if (slowest) close(slowest, new Busy('Evicted', 'kept others waiting'));
    return slowest !== undefined;
  }

  function close(flight: Tracked, why: Error): void {
    flight.closed = why;
    flight.request.socket.destroy();
    leave(flight);
  }
}

/** Bytes that the kernel has taken of this connection: what is written, less what waits in this process. */
const takenOf = ({ socket }: IncomingMessage): number => socket.bytesWritten - socket.writableLength;
