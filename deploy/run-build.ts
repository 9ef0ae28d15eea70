// `npm run build`: what a deployment would send, in dist/, without sending it.
import { join } from 'node:path';
import { buildProduct } from './build.ts';
import { explain } from './failure.ts';
import { createTerminal } from './terminal.ts';

const terminal = createTerminal(process.stdout, process.stdin);
try {
  await buildProduct(join(import.meta.dirname, '..'), terminal, 'build');
} catch (error) {
  terminal.failure(explain(error));
  process.exitCode = 1;
}
