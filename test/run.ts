/**
 * `npm test`: every test that needs Node alone, in the folders of test/ and of the services. Those that need a browser
 * or an emulator of AWS are `npm run test:browser` and `npm run test:cloud`.
 * Arguments go to `node --test`: a file, or `--test-name-pattern=…`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ensureWebapp } from '../webapp/build.ts';

const root = join(import.meta.dirname, '..');
const given = process.argv.slice(2);
const elsewhere = /^test\/(browser|cloud)\//;
const all = ['test', 'services']
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((path) => `${folder}/${path}`),
  )
  .filter((path) => path.endsWith('.test.ts') && !elsewhere.test(path))
  .toSorted();
const named = given.some((argument) => argument.endsWith('.test.ts'));

// Test files run at the same time: two that need the web app would build it twice, each in the other's way.
await ensureWebapp();

const { status } = spawnSync(
  process.execPath,
  // Node would leave one core idle: of two, half of them.
  [
    '--import',
    'tsx',
    '--test',
    `--test-concurrency=${availableParallelism()}`,
    ...given,
    ...(named ? [] : all),
  ],
  {
    cwd: root,
    stdio: 'inherit',
    // The pinned versions of the SDK run on Node 20; its advice to upgrade is no result of a test.
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  },
);
process.exitCode = status ?? 1;
