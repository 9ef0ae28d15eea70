import { parameterSets } from './parameter-sets.ts';
import { resolve } from './resolve.ts';
import { at, compileStacks } from './stacks.ts';

/**
 * The user data as an instance gets it.
 *
 * @param parameters of the server stack, in place of those of the tests
 */
export function userDataScript(parameters: Record<string, string> = {}): string {
  const { server } = compileStacks();
  const given = { ...parameterSets.server['nothing given'], ...parameters };
  const resolved = { ...server, ...resolve(server, given) };
  const data = String(at(resolved, 'LaunchTemplate.Properties.LaunchTemplateData.UserData'));
  return Buffer.from(data, 'base64').toString();
}
