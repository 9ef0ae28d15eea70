import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Busy } from './busy.ts';
import { NO_BOUND, type Share } from './call.ts';
import { arrive } from './edge.ts';
import { createInFlight } from './in-flight.ts';
import type { Limits } from './limits.ts';

/** Answers one request. @param refusal what to answer instead of what was asked for */
type Serve = (
  request: IncomingMessage,
  response: ServerResponse,
  flight: Admitted,
  refusal?: Busy,
) => Promise<void>;

/** What an answer may take of the memory, and why its connection was closed by us. */
type Admitted = Share & { readonly closed?: Error | undefined };

/** The requests of a connection. */
type Line = { isBusy: boolean; waiting: (() => void)[]; refused: number };

/** Asked by the load balancer, which must hear that this process lives, however much it has to do. */
const HEALTH = '/health';

const TOO_MANY = 'Too many requests are at work. Try again in a moment.';

/**
 * Stands before the handlers: the requests of a connection one after the other, as their answers have to go out, and no
 * more in the process than it can hold.
 */
export function createAdmission(limits: Limits, serve: Serve): RequestListener {
  const lines = new WeakMap<Socket, Line>();
  const inFlight = createInFlight(limits);

  return (request, response) => {
    let line = lines.get(request.socket);
    if (!line) lines.set(request.socket, (line = { isBusy: false, waiting: [], refused: 0 }));
    if (line.refused > 0 || line.waiting.length >= limits.queued) return refuse(line, request, response);
    arrive(request, response);
    const turn = line;
    if (line.isBusy) line.waiting.push(() => start(turn, request, response));
    else start(line, request, response);
  };

  function start(line: Line, request: IncomingMessage, response: ServerResponse): void {
    line.isBusy = true;
    const hasRoom = request.url === HEALTH || inFlight.hasRoom();
    const flight = hasRoom ? inFlight.enter(request) : undefined;
    response.on('close', () => {
      if (flight) inFlight.leave(flight);
      line.isBusy = false;
      if (request.socket.destroyed) line.waiting.length = 0;
      else line.waiting.shift()?.();
    });
    if (flight) void serve(request, response, flight);
    else void serve(request, response, NO_BOUND, new Busy('RequestsFull', TOO_MANY));
  }

  /** The connection ends with this answer; who goes on sending is not answered, and cut off. */
  function refuse(line: Line, request: IncomingMessage, response: ServerResponse): void {
    line.refused += 1;
    if (line.refused > limits.queued) request.socket.destroy();
    if (line.refused > 1) return;
    arrive(request, response);
    const detail = `A connection may have ${limits.queued} requests waiting.`;
    const refusal = new Busy('QueueFull', detail, { connection: 'close' });
    void serve(request, response, NO_BOUND, refusal);
  }
}
