/**
 * `npm run bench`: this server beside its peers, on the same work, in the same run.
 *
 *     npm run bench -- --only a,c,g --servers ours,fastapi --seconds 10 --rounds 6 --json results.json
 *     npm run bench -- --before HEAD~3 --servers ours
 *     npm run bench -- page
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeServer, writeServerOf } from './bundle.ts';
import { cases } from './cases.ts';
import { contenders } from './contenders.ts';
import { measureLabeler } from './labeler.ts';
import { measurePage, measureStart, measureUpload } from './laptop.ts';
import { measureCase, type Options, type Summary } from './measure.ts';
import { measureMemory } from './memory.ts';
import { measurePolling } from './polling.ts';
import { prepare } from './prepare.ts';
import { asNumbers, asTable, machine } from './print.ts';

/** What is measured once and without peers. */
const alone: Record<string, (options: Options) => Promise<Record<string, number>>> = {
  g: measureMemory,
  h: measureLabeler,
  i: measureUpload,
  j: measureStart,
  k: measurePolling,
  page: measurePage,
};
/** All but what takes minutes before it begins. */
const quick = Object.keys(alone).filter((name) => name !== 'page');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: [...Object.keys(cases), ...quick].join() },
    servers: { type: 'string', default: contenders.join() },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '6' },
    before: { type: 'string' },
    json: { type: 'string' },
  },
});
const names = positionals.length > 0 ? positionals : values.only.split(',');
const unknown = names.filter((name) => !cases[name] && !alone[name]);
if (unknown.length > 0) throw new Error(`No such case: ${unknown.join()}`);
const chosen = values.servers.split(',');
const servers = contenders.filter((name) =>
  name === 'before' ? values.before !== undefined : chosen.includes(name),
);
const folder = await mkdtemp(join(tmpdir(), 'postagram-bench-'));

try {
  prepare();
  const bundle = await writeServer(folder);
  const before = values.before && (await writeServerOf(values.before, folder));
  const options = { seconds: Number(values.seconds), rounds: Number(values.rounds), folder, bundle, before };
  const summaries: Record<string, Record<string, Summary>> = {};
  const numbers: Record<string, Record<string, number>> = {};
  for (const name of names) {
    console.error(`${name} …`);
    const single = alone[name];
    if (single) numbers[name] = await single(options);
    else summaries[name] = await measureCase(name, servers, options);
    const results = { machine: machine(), cases: { ...summaries, ...numbers } };
    if (values.json) await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`);
  }
  console.log(`${machine()}; ${values.rounds} rounds of ${values.seconds} s`);
  if (Object.keys(summaries).length > 0) console.log(`\n${asTable(summaries)}`);
  if (Object.keys(numbers).length > 0) console.log(`\n${asNumbers(numbers)}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
