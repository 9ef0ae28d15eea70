/** Rounds of load on all contenders of a case, in turn. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cases, type Case } from './cases.ts';
import { tables } from './database/data.ts';
import { isOurs, runBare, startContender, type Contender, type Running } from './contenders.ts';
import { sendLoad, writeRequests } from './load.ts';
import { firstLine, start, stop, usageOf } from './processes.ts';

/**
 * `cpuUs` and `databaseCpuUs` are µs of CPU time a request, of the server and of the database; `databaseCalls` is a second.
 */
export type Sample = {
  cpuUs: number;
  databaseCpuUs: number;
  databaseCalls: number;
  rps: number;
  p50Ms: number;
  p99Ms: number;
  rssMiB: number;
};
/** The medians of a contender, and that of its CPU over ours, each taken in one round. */
export type Summary = Sample & { ratio: number };
export type Options = {
  seconds: number;
  rounds: number;
  folder: string;
  bundle: string;
  before?: string | undefined;
};

/** Warm enough that V8 has compiled what is hot. */
const warmUpSeconds = 2;

/** Starts a database and the contenders, measures them in turn, `rounds` times, and stops them. */
export async function measureCase(
  name: string,
  names: Contender[],
  options: Options,
): Promise<Partial<Record<Contender, Summary>>> {
  const subject = cases[name];
  if (!subject) throw new Error(`No such case: ${name}`);
  const requests = subject.requests();
  const file = await writeRequests(options.folder, name, requests);
  const database = await startDatabase(subject.table.name, ...(subject.growing ? [tables.many.name] : []));
  const running: Running[] = [];
  try {
    let answer: { file: string; status: number } | undefined;
    for (const contender of names.filter((each) => takesPart(each, subject))) {
      const { name: table } = contender === 'ours100000' ? tables.many : subject.table;
      const server = await startContender(contender, {
        database: database.url,
        table,
        bundle: options.bundle,
        before: options.before,
        ...(answer && { answer }),
        ...(subject.bare && { bare: subject.bare }),
      });
      running.push(server);
      if (server.url)
        answer = await checkedAnswer(server, subject, join(options.folder, `${name}.json`), answer);
      await load(server, { ...options, seconds: warmUpSeconds }, subject, file, 0);
    }
    const samples: Record<string, Sample[]> = {};
    for (let round = 1; round <= options.rounds; round++) {
      // There and back again, so that a machine that gets slower favours nobody.
      for (const server of round % 2 ? running : running.toReversed()) {
        (samples[server.name] ??= []).push(await sample(server, database, subject, options, file, round));
      }
    }
    return summarise(samples);
  } finally {
    await Promise.all([...running, database].map(({ child }) => stop(child)));
  }
}

function takesPart(contender: Contender, { growing, bare }: Case): boolean {
  if (growing || contender === 'ours100000') return Boolean(growing) && isOurs(contender);
  return contender !== 'bare' || bare !== undefined;
}

/**
 * Starts the replaying database on a port of its own.
 * @param names of tables that are made before
 */
export async function startDatabase(...names: string[]): Promise<Running> {
  const script = join(import.meta.dirname, 'database', 'server.ts');
  const child = start('node', ['--import', 'tsx', script, ...names], { stdout: 'pipe' });
  const url = `http://127.0.0.1:${await firstLine(child)}`;
  return { name: 'database', child, pid: child.pid ?? 0, url };
}

/** How often the database has been called so far. */
export async function callsOf({ url }: Running): Promise<number> {
  return Number(await (await fetch(`${url}/calls`)).text());
}

/** The answer to the case's first request, which must be right; the first contender's is what the floor repeats. */
async function checkedAnswer(
  { name, url }: Running,
  subject: Case,
  file: string,
  known: { file: string; status: number } | undefined,
): Promise<{ file: string; status: number }> {
  const [request] = subject.requests();
  if (!request) throw new Error('A case without a request');
  const { method, path, user = '', body, accepted = 'identity', tags } = request;
  const headers = {
    authorization: user,
    'accept-encoding': accepted,
    ...(body && { 'content-type': 'application/json' }),
    ...(tags && { 'if-none-match': tags }),
  };
  const response = await fetch(url + path, { method, headers, ...(body && { body }) });
  const text = await response.text();
  try {
    subject.check(response.status, text);
  } catch (error) {
    throw new Error(`${name} does not answer ${path} rightly: ${text.slice(0, 300)}`, { cause: error });
  }
  if (known) return known;
  await writeFile(file, text);
  return { file, status: response.status };
}

async function sample(
  server: Running,
  database: Running,
  subject: Case,
  options: Options,
  file: string,
  round: number,
): Promise<Sample> {
  const before = usageOf(server.pid);
  const databaseBefore = usageOf(database.pid);
  const callsBefore = await callsOf(database);
  const began = performance.now();
  const { requests, seconds, p50Ms, p99Ms } = await load(server, options, subject, file, round);
  const after = usageOf(server.pid);
  const databaseAfter = usageOf(database.pid);
  const databaseCalls = ((await callsOf(database)) - callsBefore) / ((performance.now() - began) / 1000);
  return {
    cpuUs: ((after.cpuSeconds - before.cpuSeconds) * 1e6) / requests,
    databaseCpuUs: ((databaseAfter.cpuSeconds - databaseBefore.cpuSeconds) * 1e6) / requests,
    databaseCalls,
    rps: requests / seconds,
    p50Ms,
    p99Ms,
    rssMiB: after.rssMiB,
  };
}

function load(server: Running, { seconds }: Options, { connections }: Case, file: string, round: number) {
  if (server.name === 'bare') return runBare(server, { seconds, connections });
  // Each round begins elsewhere: a server remembers what it was asked in the round before.
  return sendLoad(server.url, { file, connections, seconds, start: round * 17_377 });
}

function summarise(samples: Record<string, Sample[]>): Record<string, Summary> {
  const [ours = []] = Object.values(samples);
  return Object.fromEntries(
    Object.entries(samples).map(([name, rounds]) => {
      const middle = (field: keyof Sample) => median(rounds.map((round) => round[field]));
      const ratio = median(rounds.map(({ cpuUs }, index) => cpuUs / (ours[index]?.cpuUs ?? NaN)));
      const medians = {
        cpuUs: middle('cpuUs'),
        databaseCpuUs: middle('databaseCpuUs'),
        databaseCalls: middle('databaseCalls'),
        rps: middle('rps'),
        p50Ms: middle('p50Ms'),
        p99Ms: middle('p99Ms'),
        rssMiB: middle('rssMiB'),
      };
      return [name, { ...medians, ratio }];
    }),
  );
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}
