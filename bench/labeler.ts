/** Case h: how soon the labeler can take its first event, bundled and not. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, writeLabeler } from './bundle.ts';
import { median, type Options } from './measure.ts';
import { firstLine, start, stop } from './processes.ts';

const rounds = 9;
const env = {
  BUCKET: 'images',
  RENDITIONS_BUCKET: 'rendered',
  DYNAMO_TABLE: 'posts',
  AWS_REGION: 'eu-west-1',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

/**
 * Milliseconds from the start of a process to `handler`, the median of several starts in turn: the bundle as Lambda
 * loads it, and labeler.ts as it stands, compiled by tsx on the way.
 */
export async function measureLabeler({ folder }: Pick<Options, 'folder'>): Promise<Record<string, number>> {
  const bundle = await writeLabeler(folder);
  const source = pathToFileURL(join(root, 'labeler.ts')).href;
  const bundled: number[] = [];
  const unbundled: number[] = [];
  for (let round = 0; round < rounds; round++) {
    bundled.push(await untilReady(['--input-type=module', '-e', load(pathToFileURL(bundle).href)]));
    unbundled.push(await untilReady(['--import', 'tsx', '--input-type=module', '-e', load(source)]));
  }
  const { size: bundleBytes } = await stat(bundle);
  return { bundleBytes, bundledMs: median(bundled), unbundledMs: median(unbundled) };
}

const load = (url: string) => `console.log(typeof (await import(${JSON.stringify(url)})).handler)`;

async function untilReady(args: string[]): Promise<number> {
  const began = performance.now();
  const child = start('node', args, { env, cwd: root, stdout: 'pipe' });
  const line = await firstLine(child);
  const milliseconds = performance.now() - began;
  await stop(child);
  if (line !== 'function') throw new Error(`The labeler has no handler: ${line}`);
  return milliseconds;
}
