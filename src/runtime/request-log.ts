import { type Logger, pino } from 'pino';
import type { RequestLine } from '../http/answer.ts';

/** One JSON object a line on standard output, which CloudWatch Logs reads; no process id or host name. */
export const createLog = (level: string): Logger =>
  pino({
    level,
    base: null,
    // An error comes described (src/runtime/log.ts): pino's own way copies every field that it has.
    serializers: { err: (described: unknown) => described },
  });

/** Logs the line of each request: an error when it failed at our end, else information. */
export const logRequests =
  (log: Logger) =>
  (line: RequestLine): void =>
    log[line.err ? 'error' : 'info'](line);
