import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import * as v from 'valibot';

/** Of a callback, at the most: then it is answered with success. */
const FAILURES = 2;
/** How often it fails, from 0 to 1. */
const FAILS = 0.25;
/** How often it takes a callback and never answers, from 0 to 1. */
const SILENT = 0.01;
/** How long it thinks, at the most, milliseconds. */
const SLOW_MS = 2_000;

/** One try of a callback that arrived. Times are those of performance.now(). */
export type Arrival = {
  blobId: string;
  webhookId: string;
  body: unknown;
  at: number;
  /** When it was answered, and how; 'cut' for a broken connection, nothing while it has no answer. */
  answeredAt?: number;
  answer?: number | 'cut';
};

/**
 * A receiver that verifies signatures, answers slowly, and fails at random: 500, 503 with `retry-after`, a broken connection,
 * or no answer at all.
 */
export async function startFlakyReceiver(secret: string, random: () => number) {
  const arrivals: Arrival[] = [];
  const forged: string[] = [];
  const failures = new Map<string, number>();

  async function answer(arrival: Arrival, response: ServerResponse) {
    await sleep(random() * SLOW_MS);
    const failed = failures.get(arrival.webhookId) ?? 0;
    const luck = random();
    const isFailure = failed < FAILURES && luck < FAILS + SILENT;
    if (isFailure) failures.set(arrival.webhookId, failed + 1);
    if (isFailure && luck < SILENT) return;
    const status = isFailure ? pick(random()) : 200;
    arrival.answeredAt = performance.now();
    // Without a listener by then its caller was killed, and knows nothing of it.
    arrival.answer = response.destroyed ? 'cut' : status;
    if (status === 'cut') return void response.destroy();
    response.writeHead(status, status === 503 ? { 'retry-after': '30' } : {}).end('thanks');
  }

  const server = createServer(async (request, response) => {
    let text = '';
    try {
      for await (const chunk of request.setEncoding('utf8')) text += chunk;
    } catch {
      return; // Its caller was killed.
    }
    try {
      // Node gives single headers as texts.
      new Webhook(secret).verify(text, request.headers as Record<string, string>);
    } catch {
      forged.push(text);
      return void response.writeHead(401).end();
    }
    const body: unknown = JSON.parse(text);
    const { blobId } = v.parse(v.object({ blobId: v.string() }), body);
    const arrival = { blobId, webhookId: String(request.headers['webhook-id']), body, at: performance.now() };
    arrivals.push(arrival);
    await answer(arrival, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    // A server that listens on TCP has an AddressInfo.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    arrivals,
    forged,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const pick = (luck: number) => (luck < 1 / 3 ? 500 : luck < 2 / 3 ? 503 : 'cut');
