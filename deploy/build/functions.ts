import type { Artifact } from './artifacts.ts';
import { bundleFunction, sha256 } from './bundle.ts';
import { lockedPackages, manifestOf, packageFiles } from './packages.ts';
import { zipOf } from './zip.ts';
import { architecture } from '../../templates/architecture.ts';
import type { FunctionSource } from '../system.ts';

/**
 * The code of a function, and the parameter `<Name>CodeKey` that leads CloudFormation to it. Native packages are in its key by the
 * hashes of the lock file, so that what is there already, and a plan, need none of them.
 */
export async function functionArtifact(
  root: string,
  { name, entry, native = [] }: FunctionSource,
): Promise<Artifact & { code: string }> {
  const cpu = architecture === 'arm64' ? 'arm64' : 'x64';
  const code = await bundleFunction(root, entry, native);
  const own = { 'index.mjs': Buffer.from(code) };
  const packages = (await Promise.all(native.map((one) => lockedPackages(root, one, cpu)))).flat();
  const key = `functions/${sha256(Buffer.concat([zipOf(own), Buffer.from(manifestOf(packages))]))}.zip`;
  return {
    name,
    key,
    size: [`${own['index.mjs'].length} bytes of code`, ...native].join(' and '),
    bytes: async () => zipOf({ ...own, ...(await packageFiles(root, packages)) }),
    contentType: 'application/zip',
    parameters: { [`${name}CodeKey`]: key },
    code,
  };
}
