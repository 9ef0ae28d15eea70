/**
 * `npm run test:browser`: the browser tests, twice: at http://localhost, and on plain HTTP under a name that is not
 * localhost, as behind a load balancer without a certificate (browsers withhold there what needs a secure context).
 * Arguments go to `node --test`: a file, or `--test-name-pattern=…`. With `--screens` the README's pictures are taken anew.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureWebapp } from '../../webapp/build.ts';
import { CHROMIUM } from './chromium-path.ts';

if (!existsSync(CHROMIUM)) installChromium();
await ensureWebapp();

const screens = process.argv.includes('--screens');
const given = process.argv.slice(2).filter((argument) => argument !== '--screens');
const all = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => join(import.meta.dirname, name));
const named = given.some((argument) => argument.endsWith('.test.ts'));

for (const host of ['localhost', 'postagram.test']) {
  console.log(`\n# http://${host}\n`);
  // Two files at a time, each with its own service and its own browser: much of a file is waiting for what a page does every ten seconds.
  const options = ['--import', 'tsx', '--test', '--test-concurrency=2'];
  run(process.execPath, [...options, ...given, ...(named ? [] : all)], {
    SITE_HOST: host,
    SCREENS: screens ? 'yes' : 'no',
  });
}

function installChromium() {
  console.log('Installing chromium (Debian)…');
  const sudo = process.getuid?.() === 0 ? [] : ['sudo'];
  for (const command of ['apt-get update', 'apt-get install --yes --no-install-recommends chromium']) {
    const [program = '', ...rest] = [...sudo, ...command.split(' ')];
    run(program, rest, { DEBIAN_FRONTEND: 'noninteractive' });
  }
}

function run(program: string, args: string[], env: Record<string, string>) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (error) console.error(`${program}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}
