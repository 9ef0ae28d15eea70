import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundleLabeler, bundleServer, packServer } from './bundle.ts';
import type { ServerBundle } from './bundle.ts';
import { compileTemplates, templatePath } from './compile.ts';
import type { Compiled } from './compile.ts';
import { DeployFailure } from '../cloudformation/failure.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { validateTemplates } from './validate.ts';

/** Everything a deployment sends. */
export interface Product {
  templates: { serverless: Compiled; server: Compiled };
  bundle: ServerBundle;
}

/**
 * Builds and checks everything a deployment sends, and leaves it in `dist/` to be looked at.
 * @param root the checkout
 * @param webapp `build` it if its sources changed, or take what the last build left, if any
 * @throws DeployFailure when something does not build or the templates are not valid
 */
export async function buildProduct(
  root: string,
  terminal: Terminal,
  webapp: 'build' | 'as it is',
): Promise<Product> {
  const progress = terminal.progress('building');
  try {
    const pages = await webappPages(root, webapp);
    const [labelerCode, serverCode] = await Promise.all([bundleLabeler(root), bundleServer(root)]);
    const bundle = await packServer(serverCode, pages);
    const templates = compileTemplates(labelerCode);
    const dist = join(root, 'dist');
    await Promise.all([
      replaceFile(templatePath(dist, 'serverless'), templates.serverless.body),
      replaceFile(templatePath(dist, 'server'), templates.server.body),
      replaceFile(join(dist, 'labeler', 'index.js'), labelerCode),
      replaceFile(join(dist, 'server', 'server.mjs'), serverCode),
      replaceFile(join(dist, 'server.tar.gz'), bundle.bytes),
    ]);
    progress.say('validating the templates');
    validateTemplates([templatePath(dist, 'serverless'), templatePath(dist, 'server')]);
    progress.stop();
    terminal.table([
      ['labeler', `${Buffer.byteLength(labelerCode)} bytes, inline`],
      ['serverless', `${Buffer.byteLength(templates.serverless.body)} bytes of template, valid`],
      ['server', `${Buffer.byteLength(templates.server.body)} bytes of template, valid`],
      ['bundle', `${bundle.bytes.length} bytes, sha256 ${bundle.sha256.slice(0, 12)}…`],
    ]);
    if (!pages) {
      const note = 'The web app is not built yet: this bundle is the API alone. A deployment builds it.';
      terminal.line(` ${terminal.paint('yellow', note)}`);
    }
    return { templates, bundle };
  } finally {
    progress.stop();
  }
}

/**
 * The folder of the built web app.
 * @throws DeployFailure when it does not build
 */
async function webappPages(root: string, webapp: 'build' | 'as it is'): Promise<string | undefined> {
  const pages = join(root, 'webapp', 'dist');
  if (webapp === 'as it is') return existsSync(join(pages, 'index.html')) ? pages : undefined;
  try {
    // Loaded only here: a plan needs nothing of it.
    const { ensureWebapp } = await import('../../webapp/build.ts');
    return await ensureWebapp();
  } catch (error) {
    throw new DeployFailure(error instanceof Error ? error.message : String(error));
  }
}

/** At once, so that another run in the same checkout never reads half of it. */
async function replaceFile(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.${process.pid}`, content);
  await rename(`${path}.${process.pid}`, path);
}
