/**
 * `npm run siege`: readers that take nothing of a list of long posts. What do they cost, and what are others told meanwhile?
 *
 *     npm run siege -- --table wide --readers 200 --seconds 75
 */
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { tables } from '../database/data.ts';
import { startDatabase } from '../measure.ts';
import { start, stop } from '../processes.ts';
import { ask, describeAnswers, startSubject } from './subject.ts';

const { values } = parseArgs({
  options: {
    table: { type: 'string', default: 'long' },
    readers: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '75' },
  },
});
const [, table] = Object.entries(tables).find(([name]) => name === values.table) ?? [];
if (!table) throw new Error(`No such table: ${values.table}`);

const database = await startDatabase();
const server = await startSubject(database.url, table.name);
try {
  // The database makes its posts now.
  await ask(`${server.url}/posts?limit=1`);
  const before = server.rss().now;
  const command = [
    '--import',
    'tsx',
    join(import.meta.dirname, 'readers.ts'),
    String(server.port),
    values.readers,
  ];
  const readers = start('node', command, { stdout: 'pipe' });
  const ends = Date.now() + Number(values.seconds) * 1000;
  const [lists, ...others] = await Promise.all([
    readLists(ends, table.count),
    repeat(ends, '/health'),
    repeat(ends, '/posts?user=user01&limit=1'),
    repeat(ends, '/posts', {
      method: 'POST',
      headers: { authorization: 'ada' },
      body: '{"title":"t","body":"b"}',
    }),
  ]);
  console.log(`${values.readers} readers, two requests each, of ${table.name}; ${values.seconds} s`);
  console.log(`RSS: ${before} MiB before, ${server.rss().peak} MiB at the most`);
  for (const told of [...others, ...lists.map((list) => `the whole list meanwhile: ${list}`)])
    console.log(told);
  console.log(`logged: ${JSON.stringify(server.errors)}`);
  if (!readers.stdout) throw new Error('Its output is not piped');
  const [said] = await Promise.all([buffer(readers.stdout), stop(readers)]);
  console.log(said.toString().trim());
} finally {
  await Promise.all([server.stop(), stop(database.child)]);
}

/** Asks once a second. */
async function repeat(ends: number, path: string, init: RequestInit = {}): Promise<string> {
  const answers: Awaited<ReturnType<typeof ask>>[] = [];
  while (Date.now() < ends) {
    answers.push(await ask(server.url + path, init));
    await sleep(1000);
  }
  return `${init.method ?? 'GET'} ${path}: ${describeAnswers(answers)}`;
}

/** Reads whole lists, one after the other, as fast as they come. */
async function readLists(ends: number, count: number): Promise<string[]> {
  const told: string[] = [];
  while (Date.now() < ends) {
    const began = performance.now();
    const how = await fetch(`${server.url}/posts`)
      .then(async (answer) => {
        // An array of posts, or a problem document.
        const found = (await answer.json()) as { length?: number };
        return `${answer.status} with ${found.length ?? 'none'} of ${count} posts`;
      })
      .catch((error: Error) => `broken off (${error.message})`);
    told.push(`${how} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }
  return told;
}
