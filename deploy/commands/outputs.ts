import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeployFailure } from '../cloudformation/failure.ts';
import type { Values } from '../cloudformation/parameters.ts';
import { findStack, stackOutputs } from '../cloudformation/stack.ts';
import { outputsFile, stackName } from '../names.ts';
import type { System } from '../system.ts';
import type { Options } from '../terminal/options.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Session } from './session.ts';

/** Outputs of a system, by the names of its stacks; a stack that does not exist has none. */
export interface Outputs {
  stage: string;
  region: string;
  stacks: Readonly<Record<string, Values>>;
}

/** The outputs of all stacks, in which names are unique. */
export const allOutputs = ({ stacks }: Pick<Outputs, 'stacks'>): Values =>
  Object.assign({}, ...Object.values(stacks));

/** Prints the outputs of what is deployed. */
export async function outputs(session: Session, options: Options, system: System): Promise<void> {
  const { cfn, terminal, root, region } = session;
  const { stage } = options;
  const names = system.stacks.map(({ name }) => name);
  const stacks = await Promise.all(names.map((name) => findStack(cfn, stackName(system, name, stage))));
  if (!stacks[0])
    throw new DeployFailure(`There is no stack ${stackName(system, names[0] ?? '', stage)} in ${region}`);
  const entries = names.map((name, index) => [name, stackOutputs(stacks[index])] as const);
  const found = { stage, region, stacks: Object.fromEntries(entries) };
  await tellOutputs(terminal, root, system, found);
  if (options['write-env']) await writeEnvironment(terminal, root, system, found);
}

/** Prints the outputs and writes them to `outputs.json`, those of a service to `outputs-NAME.json`. */
export async function tellOutputs(
  { heading, table, line }: Terminal,
  root: string,
  system: System,
  { stage, region, stacks }: Outputs,
): Promise<void> {
  heading('Outputs');
  table(Object.entries(allOutputs({ stacks })));
  const file = outputsFile(system);
  await writeFile(join(root, file), `${JSON.stringify({ stage, region, ...stacks }, null, 2)}\n`);
  line(`\n Written to ${file}`);
}

/**
 * Puts what the system names of its outputs, and the region, into `.env.local`, for a process started here against the
 * real stage. Other lines of the file stay.
 */
export async function writeEnvironment(
  { line }: Terminal,
  root: string,
  { environment = {} }: System,
  found: Outputs,
): Promise<void> {
  const path = join(root, '.env.local');
  const before = await readFile(path, 'utf8').catch(() => '');
  const known = allOutputs(found);
  const entries = Object.entries(environment).map(([variable, output]) => [variable, known[output] ?? '']);
  const values: Values = { ...Object.fromEntries(entries), AWS_REGION: found.region };
  await writeFile(path, mergeEnvironment(before, values));
  line(` Written to .env.local: ${Object.keys(values).join(', ')}`);
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
