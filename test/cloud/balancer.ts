import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import { answers, until } from './ministack.ts';

/** How often /health is asked, how long an answer may take, and how many answers in a row decide. Times as haproxy writes them. */
export interface HealthCheck {
  interval: string;
  timeout: string;
  healthyAfter: number;
  unhealthyAfter: number;
}

/**
 * haproxy in the load balancer's place: asks /health, passes the Host header on, keeps connections for 60 s to both sides,
 * and like the load balancer tries no request twice.
 * @param folder for its configuration
 * @param slots ports on 127.0.0.1 of the instances
 */
export async function startBalancer(folder: string, slots: number[], check: HealthCheck) {
  const [port, statsPort] = [await freePort(), await freePort()];
  const { interval, timeout, healthyAfter, unhealthyAfter } = check;
  const config = `
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout check ${timeout}
  retries 0
frontend site
  bind 127.0.0.1:${port}
  default_backend instances
frontend stats
  bind 127.0.0.1:${statsPort}
  stats enable
  stats uri /
backend instances
  http-reuse always
  option httpchk GET /health
  http-check expect status 200
  default-server inter ${interval} fall ${unhealthyAfter} rise ${healthyAfter} pool-purge-delay 60s
${slots.map((slot) => `  server on-${slot} 127.0.0.1:${slot} check`).join('\n')}
`;
  const file = join(folder, 'haproxy.cfg');
  await writeFile(file, config);
  const child = spawn('haproxy', ['-f', file, '-db', '-q'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const up = until('haproxy', () => answers(`http://127.0.0.1:${statsPort}/`));
  const ended = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`haproxy ended with ${String(code)}`)),
  );
  await Promise.race([up, ended]);
  // Its end is expected from now on.
  ended.catch(() => undefined);
  return {
    port,
    /** Whether it sends requests to the instance on this port; undefined, to ask again, while it does not. */
    async sends(slot: number) {
      const rows = await (await fetch(`http://127.0.0.1:${statsPort}/;csv`)).text();
      return new RegExp(`^instances,on-${slot},.*,UP,`, 'm').test(rows) ? true : undefined;
    },
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}
