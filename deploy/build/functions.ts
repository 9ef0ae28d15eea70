import type { Artifact } from './artifacts.ts';
import { bundleFunction, sha256 } from './bundle.ts';
import { zipOf } from './zip.ts';
import type { FunctionSource } from '../system.ts';

/** The code of a function, and the parameter `<Name>CodeKey` that leads CloudFormation to it. */
export async function functionArtifact(
  root: string,
  { name, entry }: FunctionSource,
): Promise<Artifact & { code: string }> {
  const code = await bundleFunction(root, entry);
  const bytes = zipOf({ 'index.mjs': Buffer.from(code) });
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
