import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Service } from './service.ts';

/** The names of all services: the folders beside this file that have a `service.ts`. */
export function serviceNames(): string[] {
  return readdirSync(import.meta.dirname)
    .filter((name) => existsSync(join(import.meta.dirname, name, 'service.ts')))
    .toSorted();
}

/** What a service is made of. @param name one of `serviceNames()` */
export async function loadService(name: string): Promise<Service> {
  // Every service.ts exports `service` and has the compiler check it against the type.
  const { service } = (await import(`./${name}/service.ts`)) as { service: Service };
  return service;
}
