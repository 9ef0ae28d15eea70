/** This server as it is deployed: one minified file with its packages inside. */
import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles server.ts into the folder; returns the file. */
export async function bundleServer(folder: string): Promise<string> {
  const outfile = join(folder, 'server.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, '..', 'server.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  return outfile;
}
