import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DeployFailure } from './cloudformation/failure.ts';
import type { System } from './system.ts';

/**
 * The system of this name: a service of services/, or Postagram without one.
 * @param root the checkout
 * @throws DeployFailure naming the services there are
 */
export async function findSystem(root: string, service: string | undefined): Promise<System> {
  if (service === undefined) return (await import('./postagram.ts')).postagram;
  const names = serviceNames(root);
  if (!names.includes(service)) {
    throw new DeployFailure(
      `There is no service ${JSON.stringify(service)}: ${names.join(', ') || 'none here'}`,
    );
  }
  // Every service.ts exports one as `service`: a test of each holds that.
  const module = (await import(pathToFileURL(join(root, 'services', service, 'service.ts')).href)) as {
    service: System;
  };
  return module.service;
}

function serviceNames(root: string): string[] {
  const folder = join(root, 'services');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'service.ts')))
    .toSorted();
}
