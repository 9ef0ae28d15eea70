/**
 * `npm run bench`: this server beside its peers, on the same work, in the same run.
 *
 *     npm run bench -- --only a,c --servers ours,fastapi --seconds 10 --rounds 6 --json results.json
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleServer } from './bundle.ts';
import { cases } from './cases.ts';
import { contenders } from './contenders.ts';
import { measureCase, type Summary } from './measure.ts';
import { prepare } from './prepare.ts';
import { asTable, machine } from './print.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(cases).join() },
    servers: { type: 'string', default: contenders.join() },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '6' },
    json: { type: 'string' },
  },
});
const chosen = contenders.filter((name) => values.servers.split(',').includes(name));
const folder = await mkdtemp(join(tmpdir(), 'postagram-bench-'));

try {
  prepare();
  const bundle = await bundleServer(folder);
  const results: Record<string, Record<string, Summary>> = {};
  for (const name of values.only.split(',')) {
    console.error(`${name}: ${cases[name]?.title}`);
    const options = { seconds: Number(values.seconds), rounds: Number(values.rounds), folder, bundle };
    results[name] = await measureCase(name, chosen, options);
    if (values.json)
      await writeFile(values.json, `${JSON.stringify({ machine: machine(), cases: results }, null, 2)}\n`);
  }
  console.log(`${machine()}; ${values.rounds} rounds of ${values.seconds} s\n\n${asTable(results)}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
