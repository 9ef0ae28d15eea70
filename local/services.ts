import type { RequestListener, Server } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createRouter } from '../router.ts';
import type { Service, ServiceFunction, Setting } from '../services/service.ts';
import { loadService, serviceNames } from '../services/services.ts';
import type { AnswerOptions } from '../src/http/answer.ts';
import type { Routes } from '../src/http/call.ts';
import type { LocalCloud } from './cloud.ts';
import { keptSecret } from './secrets.ts';
import { FriendlyError } from './settings.ts';

/** What an entry file exports (services/service.ts); `routes` and `options` where requests trigger it. */
type Entry = { handler: (event: unknown) => Promise<unknown>; routes: Routes; options: AnswerOptions };

/** A function that answers requests to a path and all below it. */
export type Mount = { prefix: string; stage: string | undefined; listener: RequestListener; entry: Entry };

/**
 * The named services, to be run beside Postagram in this process.
 * @param names of services; `all` stands for all of them
 * @throws FriendlyError for a name that no service has
 */
export async function openServices(names: string[]) {
  const known = serviceNames();
  const unknown = names.find((name) => name !== 'all' && !known.includes(name));
  if (unknown !== undefined)
    throw new FriendlyError(
      `There is no service ${unknown}. There are ${known.join(', ')}; all stands for all of them.`,
    );
  return runnable(await Promise.all((names.includes('all') ? known : [...new Set(names)]).map(loadService)));
}

/** Services with their tables and buckets in the local cloud, and their functions' entry files imported unchanged. */
export function runnable(services: readonly Service[]) {
  return {
    /** What the local cloud has to hold. */
    needs: {
      tables: services.flatMap(tablesOf),
      buckets: services.flatMap(bucketsOf),
      instances: services.flatMap(({ laptopInstances = [] }) => laptopInstances),
    },

    /**
     * Imports the functions, once the cloud's variables are set, and has each called by what triggers it.
     * @param dataDir folder in which secrets are kept
     * @returns those that answer requests
     */
    async start(cloud: LocalCloud, dataDir: string): Promise<Mount[]> {
      for (const service of services) await setVariables(service, dataDir);
      const mounts = services.flatMap((service) =>
        service.functions.map((one) => startFunction(service, one, cloud)),
      );
      return (await Promise.all(mounts)).flat();
    },

    /** A line of curl for each. */
    welcome: (url: string) =>
      services
        .map(({ name, purpose, curl }) => `${name}: ${purpose}\n\n  curl ${curl.replaceAll('$URL', url)}\n`)
        .join('\n'),
  };
}

/** Puts the services before what the server answers itself. */
export function serveBefore(server: Server, mounts: readonly Mount[]) {
  const own = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (serve(mounts, request, response)) return;
    for (const listener of own) listener.call(server, request, response);
  });
}

/** @returns whether the path is one of theirs */
export function serve(
  mounts: readonly Mount[],
  ...[request, response]: Parameters<RequestListener>
): boolean {
  const { url = '/' } = request;
  for (const { prefix, stage, listener } of mounts) {
    const path = stage !== undefined && isBelow(stage, url) ? url.slice(stage.length) : url;
    if (!isBelow(prefix, path)) continue;
    request.url = path;
    listener(request, response);
    return true;
  }
  return false;
}

const isBelow = (prefix: string, url: string) =>
  url.startsWith(prefix) && ['', '/', '?'].includes(url.charAt(prefix.length));

/** The name of a table or bucket on the laptop. */
const localName = (service: string, id: string) => `${service}-${id.toLowerCase()}-local`;
const consumerName = (service: Service, { name }: ServiceFunction) => `${service.name}-${name}`;

const bucketsOf = ({ name, buckets = {} }: Service) =>
  Object.entries(buckets).map(([id, { cors }]) => ({ name: localName(name, id), cors }));

function tablesOf(service: Service) {
  return Object.entries(service.tables ?? {}).map(([id, definition]) => {
    const readers = service.functions.filter(({ trigger }) => 'stream' in trigger && trigger.stream === id);
    const consumers = readers.map((one) => consumerName(service, one));
    return { name: localName(service.name, id), definition, consumers };
  });
}

async function setVariables(service: Service, dataDir: string) {
  const settings = service.functions.flatMap(({ environment }) => Object.entries(environment));
  for (const [variable, setting] of settings) {
    // A text or a secret that is given wins; a name of AWS, left by `deploy.ts --write-env`, must not.
    const isGiven = typeof setting === 'string' || 'secret' in setting;
    if (!isGiven || process.env[variable] === undefined)
      process.env[variable] = await valueOf(service, setting, dataDir);
  }
}

async function valueOf({ name }: Service, setting: Setting, dataDir: string): Promise<string> {
  if (typeof setting === 'string') return setting;
  if ('table' in setting) return localName(name, setting.table);
  if ('bucket' in setting) return localName(name, setting.bucket);
  return keptSecret(dataDir, `${name}-${setting.secret}`);
}

async function startFunction(service: Service, one: ServiceFunction, cloud: LocalCloud): Promise<Mount[]> {
  const { trigger, timeout } = one;
  const file = pathToFileURL(join(import.meta.dirname, '..', one.entry)).href;
  const entry = (await import(file)) as Entry;
  if ('objectCreated' in trigger)
    cloud.onObjectCreated(entry.handler, localName(service.name, trigger.objectCreated));
  if ('stream' in trigger) cloud.onStream(consumerName(service, one), entry.handler, { ...trigger, timeout });
  if ('everyMinutes' in trigger) callEvery(trigger.everyMinutes, entry.handler, consumerName(service, one));
  if (!('http' in trigger)) return [];
  const listener = createRouter(entry.routes, entry.options);
  const stage = service.stage && `/${service.stage}`;
  return trigger.http.map((prefix) => ({ prefix, stage, listener, entry }));
}

/** At the start, for what has become due meanwhile, and then by the clock. One call at a time; the next one tries again what a call that failed has left. */
function callEvery(minutes: number, handler: Entry['handler'], name: string) {
  let running = false;
  const call = async () => {
    if (running) return;
    running = true;
    await handler({}).catch((error: unknown) => process.stderr.write(`${name}: ${String(error)}\n`));
    running = false;
  };
  setInterval(() => void call(), minutes * 60_000).unref();
  void call();
}
