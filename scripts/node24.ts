/**
 * `npm run test:node24`: the suite on the Node of instances and Lambda, whatever Node is installed here. The npm package
 * of the binary is fetched once into npm's own cache (50 MB, 190 MB unpacked), which is why it is no dependency.
 * Arguments go to test/run.ts.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** The newest with binaries for Linux on x64 and arm64 when it was pinned. */
const VERSION = '24.21.0';

const binary = `node-${process.platform}-${process.arch}@${VERSION}`;
const { status, error } = spawnSync(
  'npm',
  [
    'exec',
    '--yes',
    `--package=${binary}`,
    '--',
    'node',
    '--import',
    'tsx',
    'test/run.ts',
    ...process.argv.slice(2),
  ],
  { cwd: join(import.meta.dirname, '..'), stdio: 'inherit' },
);
if (error) console.error(`npm: ${error.message}`);
process.exitCode = status ?? 1;
