// `npm run build`: what a deployment would send, in dist/, without sending it.
import { join } from 'node:path';
import { buildProduct } from './product.ts';
import { explain } from '../cloudformation/failure.ts';
import { postagram } from '../postagram.ts';
import { createTerminal } from '../terminal/terminal.ts';

const terminal = createTerminal(process.stdout, process.stdin);
try {
  await buildProduct(postagram, { root: join(import.meta.dirname, '../..'), terminal, webapp: 'build' });
} catch (error) {
  terminal.failure(explain(error));
  process.exitCode = 1;
}
