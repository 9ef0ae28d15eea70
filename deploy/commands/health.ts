import http from 'node:http';
import https from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { DeployFailure } from '../cloudformation/failure.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** ms; the instances have signalled by then, and the load balancer needs two checks 10 s apart and its name in the DNS. */
const patience = 5 * 60_000;

/**
 * Waits until the site answers `GET` of a path with 200, through whatever stands before it.
 * @param url of the site
 * @param path such as `/health`
 * @param limit ms to wait at most
 * @throws DeployFailure with the last answer when it does not
 */
export async function waitForHealth(
  { progress }: Terminal,
  url: string,
  path: string,
  limit = patience,
): Promise<void> {
  // A stage of API Gateway is part of the path.
  const target = new URL(`${url.replace(/\/$/, '')}${path}`);
  const line = progress(`waiting for ${target.href}`);
  const end = Date.now() + limit;
  let answer = '';
  try {
    do {
      answer = await ask(target);
      if (answer === '200') return;
      line.say(`waiting for ${target.href} (${answer})`);
      await pause(1000);
    } while (Date.now() < end);
  } finally {
    line.stop();
  }
  throw new DeployFailure(
    `${target.href} did not answer 200 within ${limit / 1000} s, but: ${answer}`,
    'All stacks are deployed. Is this machine inside --allow-cidr? Are the targets healthy (EC2 console, Target Groups)?',
  );
}

/** @returns the status as text, or the error's code */
function ask(url: URL): Promise<string> {
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve) => {
    // The certificate is for the site's own name, not for the load balancer's, and nothing secret is sent.
    const asked = request(url, { rejectUnauthorized: false, timeout: 5000, agent: false }, (response) => {
      response.resume();
      resolve(String(response.statusCode));
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer in 5 s')));
    asked.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    asked.end();
  });
}
