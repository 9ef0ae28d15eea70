import { DeployFailure } from './cloudformation/failure.ts';
import type { System } from './system.ts';

/**
 * The system of this name: a service of services/, or Postagram without one.
 * @throws DeployFailure naming the services there are
 */
export async function findSystem(service: string | undefined): Promise<System> {
  if (service === undefined) return (await import('./postagram.ts')).postagram;
  const { loadService, serviceNames } = await import('../services/services.ts');
  const names = serviceNames();
  if (!names.includes(service))
    throw new DeployFailure(`There is no service ${JSON.stringify(service)}: ${names.join(', ')}`);
  return loadService(service);
}
