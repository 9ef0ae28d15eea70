import type { Server } from 'node:http';
import type { Logger } from 'pino';

/** Requests that still run this long after the listener closed are cut off, in ms. Systemd has to wait as long. */
export const LAST_REQUESTS = 20_000;

/**
 * On the first SIGTERM: says so in `draining`, keeps answering for `seconds`, then closes the server and lets the
 * process end. SIGINT (Ctrl-C) closes at once; so does a second SIGTERM.
 */
export function drainOnSignal(server: Server, { seconds, log }: { seconds: number; log: Logger }) {
  const drain = { draining: false };
  let closing = false;
  let timer: NodeJS.Timeout | undefined;

  process.on('SIGTERM', () => {
    if (drain.draining) return close();
    drain.draining = true;
    log.info({ seconds }, 'draining');
    timer = setTimeout(close, seconds * 1000);
  });
  process.on('SIGINT', close);
  server.prependListener('request', (_request, response) => {
    if (drain.draining) response.setHeader('connection', 'close');
  });
  return drain;

  function close(): void {
    if (closing) return;
    closing = true;
    drain.draining = true;
    // It would keep the process alive.
    clearTimeout(timer);
    // close() ends the connections that are idle now; those of requests under way are idle a moment later.
    const idle = setInterval(() => server.closeIdleConnections(), 100);
    const last = setTimeout(() => server.closeAllConnections(), LAST_REQUESTS);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(last);
      log.info('closed');
    });
  }
}
