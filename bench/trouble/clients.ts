/**
 * A process of clients, each with a connection of its own, which ask for the same until the time is over or all have
 * asked so often: `clients.ts URL CLIENTS SECONDS PAUSE_MS`. Prints what each was told, as JSON: outcome, ms, and when in ms.
 */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export type Told = [outcome: string, ms: number, at: number];

/** Requests of all of them together. */
const MOST = 100_000;
/** Clients that come a second: of more at once the kernel resets some before the server sees them. */
const RATE = 2_000;

const [url = '', ...numbers] = process.argv.slice(2);
const [clients = 0, seconds = 0, pauseMs = 0] = numbers.map(Number);
const told: Told[] = [];
const ends = Date.now() + seconds * 1000;
const agent = new Agent({ keepAlive: true });

await Promise.all(
  Array.from({ length: clients }, async (_, index) => {
    await sleep((index * 1000) / RATE);
    while (Date.now() < ends && told.length < MOST) {
      told.push(await ask());
      await sleep(pauseMs);
    }
  }),
);
agent.destroy();
process.stdout.write(`${JSON.stringify(told)}\n`);

function ask(): Promise<Told> {
  const began = performance.now();
  return new Promise((resolve) => {
    const done = (outcome: string) => resolve([outcome, Math.round(performance.now() - began), Date.now()]);
    request(url, { agent }, (answer) => {
      answer.resume().on('end', () => done(String(answer.statusCode)));
      answer.on('error', (error) => done(codeOf(error)));
    })
      .on('error', (error) => done(codeOf(error)))
      .end();
  });
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.message;
}
