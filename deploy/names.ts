import { join } from 'node:path';
import type { System } from './system.ts';

/** Postagram's files stand in the folder itself, those of a service in one of its own. */
const own = ({ name }: System, ours: string, theirs: string) => (name === 'postagram' ? ours : theirs);

export const stackName = ({ name }: Pick<System, 'name'>, stack: string, stage: string) =>
  `${name}-${stack}-${stage}`;

/** Where what was built is left. */
export const distOf = (root: string, system: System) =>
  join(root, own(system, 'dist', `dist/${system.name}`));

/** Where the outputs are written, in the checkout. */
export const outputsFile = (system: System) => own(system, 'outputs.json', `outputs-${system.name}.json`);
