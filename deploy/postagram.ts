import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Artifact } from './build/artifacts.ts';
import type { Build } from './build/product.ts';
import { DeployFailure } from './cloudformation/failure.ts';
import type { System } from './system.ts';

/** What deploy.ts deploys unless a service is named. */
export const postagram: System = {
  name: 'postagram',
  stacks: [
    {
      name: 'serverless',
      keepsData: true,
      template: async () => (await import('../templates/serverless.ts')).serverless(),
    },
    {
      name: 'server',
      template: async () => (await import('../templates/server.ts')).server(),
      find: async (session, known) => (await import('./server-values.ts')).serverValues(session, known),
    },
  ],
  functions: [{ name: 'Labeler', entry: 'labeler.ts', native: ['sharp'] }],
  archives: async (build) => [await serverArchive(build)],
  labels: true,
  health: '/health',
  // A name that does not lead here yet: the load balancer's own does.
  site: ({ Url = '', LoadBalancerName = '', RecordToMake }) =>
    RecordToMake ? `${new URL(Url).protocol}//${LoadBalancerName}` : Url,
  remark: ({ RecordToMake }) => RecordToMake && `Make this record where the name's DNS is: ${RecordToMake}`,
  environment: { BUCKET: 'Bucket', RENDITIONS_BUCKET: 'Renditions', DYNAMO_TABLE: 'Table' },
};

/** The server with the web app, and what the server stack needs to know of it. */
async function serverArchive({ root, terminal, webapp }: Build): Promise<Artifact> {
  const { bundleServer, bundleShipper, packServer } = await import('./build/bundle.ts');
  const pages = await webappPages(root, webapp);
  if (!pages) {
    const note = 'The web app is not built yet: this bundle is the API alone. A deployment builds it.';
    terminal.line(` ${terminal.paint('yellow', note)}`);
  }
  const [server, shipper] = await Promise.all([bundleServer(root), bundleShipper(root)]);
  const { bytes, sha256 } = await packServer(server, shipper, pages);
  const key = `server/${sha256}.tar.gz`;
  return {
    name: 'server.tar.gz',
    key,
    size: `${bytes.length} bytes`,
    bytes: async () => bytes,
    contentType: 'application/gzip',
    parameters: { BundleKey: key, BundleSha256: sha256 },
  };
}

/**
 * The folder of the built web app.
 * @throws DeployFailure when it does not build
 */
async function webappPages(root: string, webapp: Build['webapp']): Promise<string | undefined> {
  const pages = join(root, 'webapp', 'dist');
  if (webapp === 'as it is') return existsSync(join(pages, 'index.html')) ? pages : undefined;
  try {
    // Loaded only here: a plan needs nothing of it.
    const { ensureWebapp } = await import('../webapp/build.ts');
    return await ensureWebapp();
  } catch (error) {
    throw new DeployFailure(error instanceof Error ? error.message : String(error));
  }
}
