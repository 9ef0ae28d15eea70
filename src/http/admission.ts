import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Busy } from './busy.ts';
import { NO_BOUND, type Share } from './call.ts';
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
    if (!line.isBusy) start(line, request, response);
    else if (line.refused === 0 && line.waiting.length < limits.queued) {
      const { waiting } = line;
      const turn = line;
      waiting.push(() => start(turn, request, response));
    } else refuse(line, request, response);
  };

  function start(line: Line, request: IncomingMessage, response: ServerResponse): void {
    line.isBusy = true;
    const refusal =
      request.url === HEALTH || inFlight.hasRoom()
        ? undefined
        : new Busy('RequestsFull', 'Too many requests are at work. Try again in a moment.');
    const flight = inFlight.enter(request);
    response.on('close', () => {
      inFlight.leave(flight);
      line.isBusy = false;
      if (request.socket.destroyed) line.waiting.length = 0;
      else line.waiting.shift()?.();
    });
    void serve(request, response, flight, refusal);
  }

  /** The connection ends with this answer; who goes on sending is not answered, and cut off. */
  function refuse(line: Line, request: IncomingMessage, response: ServerResponse): void {
    line.refused += 1;
    if (line.refused > limits.queued) request.socket.destroy();
    if (line.refused > 1) return;
    const detail = `A connection may have ${limits.queued} requests waiting.`;
    const refusal = new Busy('QueueFull', detail, { connection: 'close' });
    void serve(request, response, NO_BOUND, refusal);
  }
}
