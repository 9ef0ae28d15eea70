/**
 * `npm run siege`: 200 readers that take nothing of their answers, or next to nothing, on the bundle of a deployment with
 * the NODE_OPTIONS of an instance. What does it cost, and what are the others told meanwhile?
 *
 *     npm run siege -- --table wide --seconds 90
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { writeServer } from './bundle.ts';
import { environmentOf } from './contenders.ts';
import { tables } from './database/data.ts';
import { startDatabase } from './measure.ts';
import { start, stop, untilHealthy, usageOf } from './processes.ts';
import { nodeOptions } from '../templates/node-options.ts';
import { freePort } from '../test/support/free-port.ts';

const { values } = parseArgs({
  options: {
    table: { type: 'string', default: 'long' },
    readers: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '75' },
  },
});
const [, table] = Object.entries(tables).find(([name]) => name === values.table) ?? [];
if (!table) throw new Error(`No such table: ${values.table}`);

const folder = await mkdtemp(join(tmpdir(), 'postagram-siege-'));
const database = await startDatabase();
const port = await freePort();
const env = { ...environmentOf({ database: database.url, table: table.name }), PORT: String(port) };
const child = start('node', [await writeServer(folder)], {
  env: { ...env, NODE_OPTIONS: nodeOptions },
  stdout: 'pipe',
});
const { pid = 0 } = child;
const logged: Record<string, number> = {};
if (child.stdout) {
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { error, status } = JSON.parse(line) as { error?: string; status?: number };
    if (status !== undefined && error !== undefined) logged[error] = (logged[error] ?? 0) + 1;
  });
}

const url = `http://127.0.0.1:${port}`;
const sampleMs = 20;
/** How readers take their answer: not at all, 1 KB every 25 s, or 20 KB a second. */
const kinds = { nothing: 0, trickle: 41, slow: 20_000 } as const;
type Kind = keyof typeof kinds;
type Reader = { kind: Kind; socket: Socket; opened: number; closed?: number };

try {
  await untilHealthy(`${url}/health`, child);
  // The database makes its posts now.
  await fetch(`${url}/posts?limit=1`).then((answer) => answer.text());
  const before = usageOf(pid).rssMiB;
  let peak = before;
  const sampler = setInterval(() => (peak = Math.max(peak, usageOf(pid).rssMiB)), sampleMs);

  const readers = Array.from({ length: Number(values.readers) }, (_, i) =>
    besiege((['nothing', 'trickle', 'nothing', 'slow'] as const)[i % 4] ?? 'nothing'),
  );
  const ends = Date.now() + Number(values.seconds) * 1000;
  const calls = callOthers(ends);
  const lists = readLists(ends, table.count);
  const others = await calls;
  const honest = await lists;
  clearInterval(sampler);

  console.log(`${readers.length} readers, ${table.name}, ${values.seconds} s`);
  console.log(`RSS MiB: ${before.toFixed(0)} before, ${peak.toFixed(0)} at the most`);
  console.log('honest full lists:', honest.join(', '));
  for (const [call, times] of Object.entries(others)) {
    const failed = times.filter((ms) => ms === undefined).length;
    const sorted = times.flatMap((ms) => ms ?? []).toSorted((a, b) => a - b);
    console.log(
      `${call}: ${sorted.length} answered, ${failed} not, median ${sorted[sorted.length >> 1]?.toFixed(0)} ms, longest ${sorted.at(-1)?.toFixed(0)} ms`,
    );
  }
  for (const kind of Object.keys(kinds)) {
    const mine = readers.filter((reader) => reader.kind === kind);
    const lives = mine
      .flatMap(({ opened, closed }) => (closed === undefined ? [] : (closed - opened) / 1000))
      .toSorted((a, b) => a - b);
    console.log(
      `${kind}: ${lives.length} of ${mine.length} closed, after ${lives[0]?.toFixed(1)} to ${lives.at(-1)?.toFixed(1)} s`,
    );
  }
  console.log('logged:', JSON.stringify(logged));
  for (const { socket } of readers) socket.destroy();
} finally {
  await Promise.all([child, database.child].map(stop));
  await rm(folder, { recursive: true, force: true });
}

/** Two requests for the whole list on one connection, of which so much is read. */
function besiege(kind: Kind): Reader {
  const socket = connect(port, '127.0.0.1');
  const reader: Reader = { kind, socket, opened: Date.now() };
  socket.on('error', () => undefined).on('close', () => (reader.closed = Date.now()));
  socket.pause();
  socket.write('GET /posts HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(2));
  void takeSlowly(socket, kinds[kind]);
  return reader;
}

async function takeSlowly(socket: Socket, bytesPerSecond: number): Promise<void> {
  while (!socket.destroyed) {
    if (bytesPerSecond > 0) socket.read(bytesPerSecond);
    await sleep(1000);
    // Whoever reads nothing sees an end by writing: an empty line, which servers pass over.
    socket.write('\r\n');
  }
}

/** What others ask for once a second, and how long each answer took in ms; undefined for none, or one that is not a success. */
async function callOthers(until: number) {
  const times: Record<string, (number | undefined)[]> = {};
  while (Date.now() < until) {
    await Promise.all([ask('GET /health'), ask('GET /posts?user=user01&limit=1'), ask('POST /posts')]);
    await sleep(1000);
  }
  return times;

  async function ask(what: string) {
    const [method = '', path = ''] = what.split(' ');
    const began = performance.now();
    const answer = await fetch(url + path, {
      method,
      headers: { authorization: 'ada' },
      ...(method === 'POST' && { body: '{"title":"t","body":"b"}' }),
    }).catch(() => undefined);
    await answer?.text();
    (times[what] ??= []).push(answer?.ok ? performance.now() - began : undefined);
  }
}

/** Reads whole lists, one after the other; says of each how it went. */
async function readLists(until: number, count: number): Promise<string[]> {
  const said: string[] = [];
  while (Date.now() < until) {
    const began = performance.now();
    const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
    try {
      const answer = await fetch(`${url}/posts`);
      const posts = (await answer.json()) as unknown[];
      said.push(`${answer.status} with ${posts.length} of ${count} posts in ${seconds()}`);
    } catch (error) {
      said.push(`broken off (${String(error)}) after ${seconds()}`);
    }
  }
  return said;
}
