import { type Logger, pino } from 'pino';
import type { AnswerOptions } from '../http/answer.ts';

/** One JSON object a line on standard output, which CloudWatch Logs reads; no process id or host name. */
export const createLog = (level: string): Logger =>
  pino({
    level,
    base: null,
    // An error comes described (src/runtime/log.ts): pino's own way copies every field that it has.
    serializers: { err: (described: unknown) => described },
  });

/** What load balancers ask for all day: its lines are for debugging. */
const HEALTH = '/health';

/** Logs the line of each request, and of failures: an error when it failed at our end, else information. */
export const logRequests =
  (log: Logger): AnswerOptions['log'] =>
  (line) =>
    log[line.error ? 'error' : 'route' in line && line.route === HEALTH ? 'debug' : 'info'](line);
