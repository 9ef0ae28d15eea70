import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { compile } from '../build/compile.ts';
import { resourcesMade } from '../cloudformation/conditions.ts';
import { flagParameters, stackParameters, valuesOf } from '../cloudformation/parameters.ts';
import { distOf, stackName } from '../names.ts';
import { deployerPolicies } from '../policy/policy.ts';
import type { System } from '../system.ts';
import type { Options } from '../terminal/options.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Writes what whoever deploys this stage, with these flags, must be allowed. Asks AWS nothing. */
export async function policy(
  { line, table }: Terminal,
  root: string,
  options: Options,
  system: System,
): Promise<void> {
  const { stage, region, role } = options;
  const stacks = await Promise.all(system.stacks.map(compile));
  const types = stacks.flatMap(({ shape }) =>
    resourcesMade(shape, valuesOf(stackParameters(shape, {}, flagParameters(options)))).map(
      ({ type }) => type,
    ),
  );
  const names = stacks.map(({ name }) => stackName(system, name, stage));
  const policies = deployerPolicies(types, { system: system.name, stacks: names, stage, region, role });
  const folder = distOf(root, system);
  await mkdir(folder, { recursive: true });
  const rows: string[][] = [];
  for (const [index, document] of policies.entries()) {
    const path = join(folder, `deployer-policy-${index + 1}.json`);
    const text = JSON.stringify(document);
    await writeFile(path, `${text}\n`);
    const actions = document.Statement.flatMap(({ Action }) => Action).length;
    rows.push([relative(root, path), `${actions} actions`, `${text.length} characters`]);
  }
  table(rows);
  line(
    [
      '',
      ` For whoever deploys ${system.name} as the stage ${stage} in ${region ?? 'any region'}, with these flags.`,
      " Made from AWS's resource schemas and from what deploy.ts calls; not proven on an account yet: docs/deploy.md",
    ].join('\n'),
  );
}
