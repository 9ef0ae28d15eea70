/** Case k: what 1,000 readers cost who look for new posts every 10 s, as open pages of the web app do. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import { startContender, type Running } from './contenders.ts';
import { tables } from './database/data.ts';
import { callsOf, median, startDatabase, type Options } from './measure.ts';
import { stop, usageOf } from './processes.ts';

const readers = 1_000;
const everyMs = 10_000;
const rounds = 3;

type Reader = { agent: Agent; tag: string };
type Answer = { status: number; bytes: number; ms: number };

/**
 * Each reader has a connection of its own, accepts br and gzip, and sends the tag of what it got before, or, `whole`, none.
 * They ask evenly spread: one every 10 ms. The first round, in which they connect, is not counted.
 */
export async function measurePolling({ bundle }: Pick<Options, 'bundle'>): Promise<Record<string, number>> {
  const database = await startDatabase();
  const server = await startContender('ours', { database: database.url, table: tables.photos.name, bundle });
  try {
    const known = await poll(server, database, true);
    const whole = await poll(server, database, false);
    return {
      readers,
      ...known,
      ...Object.fromEntries(Object.entries(whole).map(([name, value]) => [`${name} (whole)`, value])),
    };
  } finally {
    await Promise.all([server, database].map(({ child }) => stop(child)));
  }
}

async function poll(server: Running, database: Running, sendsTags: boolean): Promise<Record<string, number>> {
  const all = Array.from({ length: readers }, () => ({
    agent: new Agent({ keepAlive: true, maxSockets: 1 }),
    tag: '',
  }));
  await ask(server, all, sendsTags);
  const before = usageOf(server.pid).cpuSeconds;
  const calls = await callsOf(database);
  const began = performance.now();
  const answers: Answer[] = [];
  for (let round = 0; round < rounds; round++) answers.push(...(await ask(server, all, sendsTags)));
  const seconds = (performance.now() - began) / 1000;
  const { cpuSeconds, rssMiB } = usageOf(server.pid);
  const result = {
    requests: answers.length,
    notModified: answers.filter(({ status }) => status === 304).length,
    cpuPercentOfOneCore: ((cpuSeconds - before) / seconds) * 100,
    databaseCallsPerSecond: ((await callsOf(database)) - calls) / seconds,
    bodyBytesPerRequest: answers.reduce((sum, { bytes }) => sum + bytes, 0) / answers.length,
    p50Ms: median(answers.map(({ ms }) => ms)),
    rssMiB,
  };
  for (const { agent } of all) agent.destroy();
  return result;
}

/** One request of each reader, over 10 s. */
async function ask(server: Running, all: Reader[], sendsTags: boolean): Promise<Answer[]> {
  const answers: Promise<Answer>[] = [];
  const began = performance.now();
  for (const [index, reader] of all.entries()) {
    await sleep(Math.max(0, began + (index * everyMs) / readers - performance.now()));
    answers.push(read(server, reader, sendsTags));
  }
  await sleep(Math.max(0, began + everyMs - performance.now()));
  return Promise.all(answers);
}

async function read({ url }: Running, reader: Reader, sendsTags: boolean): Promise<Answer> {
  const began = performance.now();
  const headers = {
    'accept-encoding': 'br, gzip',
    ...(sendsTags && reader.tag && { 'if-none-match': reader.tag }),
  };
  const [response] = await once(
    request(`${url}/posts?limit=20`, { agent: reader.agent, headers }).end(),
    'response',
  );
  const { length: bytes } = await buffer(response);
  const { statusCode: status } = response;
  if (status !== 200 && status !== 304) throw new Error(`A reader was answered ${status}`);
  reader.tag = response.headers.etag ?? '';
  return { status, bytes, ms: performance.now() - began };
}
