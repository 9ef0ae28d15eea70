import type { RequestListener, Server } from 'node:http';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { createRouter } from '../router.ts';
import type { Service, ServiceFunction, Setting } from '../services/service.ts';
import { loadService, serviceNames } from '../services/services.ts';
import type { AnswerOptions } from '../src/http/answer.ts';
import type { Routes } from '../src/http/call.ts';
import type { LocalCloud } from './cloud.ts';
import { FriendlyError } from './settings.ts';

/**
 * The named services, to be run beside Postagram in this process: their tables and buckets in the same local cloud,
 * their functions' entry files imported unchanged.
 * @param names of services; `all` stands for all of them
 * @throws FriendlyError for a name that no service has
 */
export async function openServices(names: string[]) {
  const known = serviceNames();
  const unknown = names.find((name) => name !== 'all' && !known.includes(name));
  if (unknown !== undefined)
    throw new FriendlyError(
      `There is no service ${unknown}. There are ${known.join(', ')}; all names them all.`,
    );
  const wanted = names.includes('all') ? known : [...new Set(names)];
  const services = await Promise.all(wanted.map(loadService));

  return {
    /** What the local cloud has to hold. */
    needs: {
      tables: services.flatMap(({ name, tables = {} }) =>
        Object.entries(tables).map(([id, definition]) => ({ name: localName(name, id), definition })),
      ),
      buckets: services.flatMap(({ name, buckets = {} }) =>
        Object.entries(buckets).map(([id, { cors }]) => ({ name: localName(name, id), cors })),
      ),
    },

    /** Imports the functions and has each called by what triggers it. */
    async start(server: Server, cloud: LocalCloud) {
      const mounts: Mount[] = [];
      for (const service of services) {
        for (const { environment } of service.functions)
          for (const [name, setting] of Object.entries(environment))
            process.env[name] ??= settingOf(service, setting);
        for (const one of service.functions) await startFunction(service, one, cloud, mounts);
      }
      serveBefore(server, mounts);
    },

    /** One line of curl each. */
    welcome: (url: string) =>
      services
        .map(({ name, purpose, curl }) => `${name}: ${purpose}\n\n  curl ${curl.replaceAll('$URL', url)}\n`)
        .join('\n'),
  };
}

/** The name of a table or bucket on the laptop. */
const localName = (service: string, id: string) => `${service}-${id.toLowerCase()}-local`;

function settingOf({ name }: Service, setting: Setting): string {
  if (typeof setting === 'string') return setting;
  if ('table' in setting) return localName(name, setting.table);
  if ('bucket' in setting) return localName(name, setting.bucket);
  throw new Error('secrets come next');
}

type Mount = { prefix: string; stage: string | undefined; listener: RequestListener };

async function startFunction(
  service: Service,
  { entry, trigger }: ServiceFunction,
  cloud: LocalCloud,
  mounts: Mount[],
) {
  const file = pathToFileURL(join(import.meta.dirname, '..', entry)).href;
  // What services/service.ts asks of an entry file.
  const module = (await import(file)) as {
    handler: (event: unknown) => Promise<unknown>;
    routes: Routes;
    options: AnswerOptions;
  };
  if ('http' in trigger) {
    const listener = createRouter(module.routes, module.options);
    const stage = service.stage && `/${service.stage}`;
    mounts.push(...trigger.http.map((prefix) => ({ prefix, stage, listener })));
  } else if ('objectCreated' in trigger) {
    cloud.onObjectCreated(module.handler, localName(service.name, trigger.objectCreated));
  }
}

/** Puts what is mounted before what the server answers itself. */
function serveBefore(server: Server, mounts: Mount[]) {
  const own = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    const { url = '/' } = request;
    for (const { prefix, stage, listener } of mounts) {
      const staged = stage !== undefined && isBelow(stage, url) ? url.slice(stage.length) : url;
      if (!isBelow(prefix, staged)) continue;
      request.url = staged;
      return void listener(request, response);
    }
    for (const listener of own) listener.call(server, request, response);
  });
}

const isBelow = (prefix: string, url: string) =>
  url.startsWith(prefix) && ['', '/', '?'].includes(url.charAt(prefix.length));
