import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Values } from '../cloudformation/parameters.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Outputs of both stacks; a stack that does not exist has none. */
export interface Outputs {
  stage: string;
  region: string;
  serverless: Values;
  server: Values;
}

/** Prints the outputs and writes them to `outputs.json`. */
export async function tellOutputs(
  { heading, table, line }: Terminal,
  root: string,
  outputs: Outputs,
): Promise<void> {
  heading('Outputs');
  table(Object.entries({ ...outputs.serverless, ...outputs.server }));
  const path = join(root, 'outputs.json');
  await writeFile(path, `${JSON.stringify(outputs, null, 2)}\n`);
  line(`\n Written to outputs.json`);
}

/**
 * Puts the names of bucket and table into `.env.local`, for a server started here against the real stack. Other lines
 * of the file stay.
 */
export async function writeEnvironment({ line }: Terminal, root: string, outputs: Outputs): Promise<void> {
  const { Bucket = '', Table = '' } = outputs.serverless;
  const path = join(root, '.env.local');
  const before = await readFile(path, 'utf8').catch(() => '');
  await writeFile(
    path,
    mergeEnvironment(before, { BUCKET: Bucket, DYNAMO_TABLE: Table, AWS_REGION: outputs.region }),
  );
  line(
    ' BUCKET, DYNAMO_TABLE and AWS_REGION written to .env.local: npx tsx server.ts now runs against this stage',
  );
}

/** A file of `NAME=value` lines with these values set: in place where the name stands, else at the end. */
export function mergeEnvironment(text: string, values: Values): string {
  const lines = text.split('\n').filter((line, index, all) => line !== '' || index < all.length - 1);
  for (const [name, value] of Object.entries(values)) {
    const at = lines.findIndex((line) => line.startsWith(`${name}=`));
    if (at === -1) lines.push(`${name}=${value}`);
    else lines[at] = `${name}=${value}`;
  }
  return `${lines.join('\n')}\n`;
}
