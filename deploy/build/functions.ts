import type { Artifact } from './artifacts.ts';
import { bundleFunction, sha256 } from './bundle.ts';
import { lockedPackages, packageFiles } from './packages.ts';
import { zipOf } from './zip.ts';
import { architecture } from '../../templates/architecture.ts';
import type { FunctionSource } from '../system.ts';

/** The code of a function, and the parameter `<Name>CodeKey` that leads CloudFormation to it. */
export async function functionArtifact(
  root: string,
  { name, entry, native = [] }: FunctionSource,
): Promise<Artifact & { code: string }> {
  const cpu = architecture === 'arm64' ? 'arm64' : 'x64';
  const [code, ...packages] = await Promise.all([
    bundleFunction(root, entry, native),
    ...native.map(async (one) => packageFiles(root, await lockedPackages(root, one, cpu))),
  ]);
  const bytes = zipOf(Object.assign({ 'index.mjs': Buffer.from(code) }, ...packages));
  const hash = sha256(bytes);
  const key = `functions/${hash}.zip`;
  return {
    name,
    key,
    bytes,
    sha256: hash,
    contentType: 'application/zip',
    parameters: { [`${name}CodeKey`]: key },
    code,
  };
}
