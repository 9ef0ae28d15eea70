import http from 'node:http';
import https from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { DeployFailure } from '../cloudformation/failure.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** ms; the instances have signalled by then, and the load balancer needs two checks 10 s apart and its name in the DNS. */
const patience = 5 * 60_000;

/**
 * Waits until `GET` of a URL answers 200, through whatever stands before it.
 * @param url such as `https://photos.example.org/health`
 * @param limit ms to wait at most
 * @throws DeployFailure with the last answer when it does not
 */
export async function waitForHealth({ progress }: Terminal, url: string, limit = patience): Promise<void> {
  const target = new URL(url);
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
    // The certificate is for the site's own name, never for the load balancer's, and nothing secret is sent.
    const rejectUnauthorized = !url.hostname.endsWith('.elb.amazonaws.com');
    const asked = request(url, { rejectUnauthorized, timeout: 5000, agent: false }, (response) => {
      response.resume();
      resolve(String(response.statusCode));
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer in 5 s')));
    asked.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    asked.end();
  });
}
