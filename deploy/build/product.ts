import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Artifact } from './artifacts.ts';
import { compile } from './compile.ts';
import type { Compiled } from './compile.ts';
import { functionArtifact } from './functions.ts';
import { distOf } from '../names.ts';
import type { System } from '../system.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { validateTemplates } from './validate.ts';

/** Everything a deployment sends. */
export interface Product {
  system: System;
  /** In the order of the system's stacks. */
  stacks: readonly Compiled[];
  artifacts: readonly Artifact[];
}

/** What a system may need to know to build. */
export interface Build {
  /** The checkout. */
  root: string;
  terminal: Terminal;
  /** `build` the web app if its sources changed, or take what the last build left, if any. */
  webapp: 'build' | 'as it is';
}

/**
 * Builds and checks everything a deployment sends, and leaves it in `dist/` to be looked at.
 * @throws DeployFailure when something does not build or the templates are not valid
 */
export async function buildProduct(system: System, build: Build): Promise<Product> {
  const { root, terminal } = build;
  const progress = terminal.progress('building');
  try {
    const dist = distOf(root, system);
    const [functions, archives, stacks] = await Promise.all([
      Promise.all((system.functions ?? []).map((source) => functionArtifact(root, source))),
      system.archives?.(build) ?? [],
      Promise.all(system.stacks.map(compile)),
    ]);
    const path = ({ name }: Compiled) => join(dist, `${name}.template.json`);
    await Promise.all([
      ...stacks.map((stack) => replaceFile(path(stack), stack.body)),
      ...functions.map(({ name, code }) => replaceFile(join(dist, 'functions', name, 'index.mjs'), code)),
      ...archives.map(async ({ name, bytes }) => replaceFile(join(dist, name), await bytes())),
    ]);
    progress.say('validating the templates');
    validateTemplates(stacks.map(path));
    progress.stop();
    const artifacts = [...functions, ...archives];
    terminal.table([
      ...artifacts.map((one) => [one.name, one.size]),
      ...stacks.map(({ name, body }) => [name, `${Buffer.byteLength(body)} bytes of template, valid`]),
    ]);
    return { system, stacks, artifacts };
  } finally {
    progress.stop();
  }
}

/** At once, so that another run in the same checkout never reads half of it. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.${process.pid}`, content);
  await rename(`${path}.${process.pid}`, path);
}
