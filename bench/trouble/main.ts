/**
 * `npm run trouble`: the database or the bucket is refused, slow, silent or throttling. What are callers told, how soon,
 * and what does it cost? Each case has a server and a storage of its own.
 *
 *     npm run trouble -- --only refused,slow
 */
import { parseArgs } from 'node:util';
import { median } from '../measure.ts';
import { machine, markdown } from '../print.ts';
import { cases } from './cases.ts';
import type { Told } from './clients.ts';
import { openScene } from './scene.ts';

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const only = values.only?.split(',') ?? Object.keys(cases);

console.log(machine());
for (const name of only) {
  const subject = cases[name];
  if (!subject) throw new Error(`No such case: ${name}. There are ${Object.keys(cases).join(', ')}`);
  const scene = await openScene();
  try {
    const before = scene.server.rss().now;
    const endOfHealth = scene.watch('/health');
    const { told, facts = {} } = await subject.run(scene);
    const health = await endOfHealth();
    const { peak } = scene.server.rss();
    console.log(`\n${name}: ${subject.title}\n`);
    console.log(tableOf({ ...told, 'GET /health': health }));
    for (const [what, value] of Object.entries(facts)) console.log(`${what}: ${value}`);
    console.log(`RSS: ${before} MiB before, ${peak} MiB at the most`);
    console.log(
      `logged: ${JSON.stringify(scene.server.errors)}, ${scene.server.stacks()} causes with a stack`,
    );
  } finally {
    await scene.close();
  }
}

function tableOf(told: Record<string, Told[]>): string {
  const rows = Object.entries(told).flatMap(([who, answers]) =>
    [...new Set(answers.map(([outcome]) => outcome))].toSorted().map((outcome) => {
      const times = answers.flatMap(([other, ms]) => (other === outcome ? ms : []));
      const numbers = [times.length, Math.min(...times), median(times), Math.max(...times)];
      return [who, outcome, ...numbers.map((number) => Math.round(number).toLocaleString('en'))];
    }),
  );
  return markdown([['asked', 'told', 'times', 'soonest, ms', 'median, ms', 'latest, ms'], ...rows]);
}
