export const ACTIONS = ['status', 'start', 'stop'] as const;

export type Action = (typeof ACTIONS)[number];

/** What became of one machine. */
export type Report = { message: string; instance_id: string };

/**
 * Does something with some machines: instances.ts, fleet.ts. What is in the wanted state, or on its way there, stays as it is.
 * @throws HttpError 409 when their state does not allow it, 502 when AWS refuses or does not answer
 */
export type Machines = (action: Action) => Promise<Report[]>;

/** @param what such as `instance i-0123456789abcdef0` */
export function report(action: Action, what: string, id: string, state: string): Report {
  const messages = {
    status: `${what.charAt(0).toUpperCase()}${what.slice(1)} is ${state}`,
    start: `Starting ${what}`,
    stop: `Stopping ${what}`,
  };
  return { message: messages[action], instance_id: id };
}
