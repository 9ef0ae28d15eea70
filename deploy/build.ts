import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundleLabeler, bundleServer, packServer } from './bundle.ts';
import type { ServerBundle } from './bundle.ts';
import { compileTemplates, templatePath } from './compile.ts';
import type { Compiled } from './compile.ts';
import { DeployFailure } from './failure.ts';
import type { Terminal } from './terminal.ts';
import { validateTemplates } from './validate.ts';

/** Everything a deployment sends. */
export interface Product {
  templates: { serverless: Compiled; server: Compiled };
  bundle: ServerBundle;
}

/**
 * Builds and checks everything a deployment sends, and leaves it in `dist/` to be looked at.
 * @param root the checkout
 * @param webapp `build` it anew, or take what the last build left, if any
 * @throws DeployFailure when something does not build or the templates are not valid
 */
export async function buildProduct(
  root: string,
  terminal: Terminal,
  webapp: 'build' | 'as it is',
): Promise<Product> {
  const progress = terminal.progress('building');
  try {
    if (webapp === 'build') await buildWebapp(root);
    const pages = join(root, 'webapp', 'dist');
    const hasPages = await access(join(pages, 'index.html')).then(
      () => true,
      () => false,
    );
    const [labelerCode, serverCode] = await Promise.all([bundleLabeler(root), bundleServer(root)]);
    const bundle = await packServer(serverCode, hasPages ? pages : undefined);
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
    if (!hasPages) {
      const why = webapp === 'build' ? 'The web app has no build' : 'The web app is not built yet';
      terminal.line(` ${terminal.paint('yellow', `${why}: this bundle serves the API alone`)}`);
    }
    return { templates, bundle };
  } finally {
    progress.stop();
  }
}

/** @throws DeployFailure with what the build wrote */
async function buildWebapp(root: string): Promise<void> {
  const windows = process.platform === 'win32';
  const args = ['run', 'build', '--workspace', 'webapp', '--if-present', '--silent'];
  const child = spawn('npm', args, { cwd: root, shell: windows, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (said += data.toString()));
  const [code]: unknown[] = await once(child, 'close');
  if (code !== 0)
    throw new DeployFailure('The web app does not build (npm run build -w webapp)', said.trim());
}

/** At once, so that another run in the same checkout never reads half of it. */
async function replaceFile(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.${process.pid}`, content);
  await rename(`${path}.${process.pid}`, path);
}
