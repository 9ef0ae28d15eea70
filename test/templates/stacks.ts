import * as blobs from '../../services/blobs/template.ts';
import { api as power } from '../../services/power/template.ts';
import { server } from '../../templates/server.ts';
import { serverless } from '../../templates/serverless.ts';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** A compiled template: what CloudFormation gets. */
export interface Stack {
  Parameters: Record<string, JsonObject>;
  Conditions: Record<string, Json>;
  Resources: Record<string, Resource>;
  Outputs: Record<string, { Value: Json }>;
}

export interface Resource {
  Type: string;
  Properties?: JsonObject;
  Condition?: string;
  DependsOn?: string | string[];
  [attribute: string]: Json | undefined;
}

export interface Stacks {
  serverless: Stack;
  server: Stack;
  /** The one stack of the service of that name. */
  power: Stack;
  /** The stacks of the service of that name. */
  blobs: { data: Stack; callbacks: Stack; api: Stack };
}

/** Templates as JSON, made anew by every call. */
export function compileStacks(): Stacks {
  return {
    serverless: compile(serverless()),
    server: compile(server()),
    power: compile(power()),
    blobs: {
      data: compile(blobs.data()),
      callbacks: compile(blobs.callbacks()),
      api: compile(blobs.api()),
    },
  };
}

/** Every template among them. */
export const allOf = ({ blobs: ofBlobs, ...own }: Stacks): Stack[] => [
  ...Object.values(own),
  ...Object.values(ofBlobs),
];

function compile(template: object): Stack {
  // What JSON.stringify makes of a Template has this form.
  return JSON.parse(JSON.stringify(template)) as Stack;
}

/** @param path keys joined by dots, from the resources on */
export function at(stack: Stack, path: string): Json | undefined {
  return path.split('.').reduce<Json | undefined>(child, resources(stack));
}

/** Changes a template, or with `undefined` takes something out of it. */
export function change(stack: Stack, path: string, value: Json | undefined): void {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce<Json | undefined>(child, resources(stack));
  if (typeof parent !== 'object' || parent === null) throw new Error(`There is no ${path}`);
  // An index of an array is a key like any other.
  const holder = parent as JsonObject;
  if (value === undefined) delete holder[last];
  else holder[last] = value;
}

/** Ids of resources of a type. */
export function idsOf(stack: Stack, type: string): string[] {
  return Object.keys(stack.Resources).filter((id) => stack.Resources[id]?.Type === type);
}

/**
 * Ids of everything that is made before a resource: what it names in DependsOn, Ref or GetAtt, and so on from there.
 */
export function madeBefore(stack: Stack, id: string): Set<string> {
  const found = new Set<string>();
  const visit = (name: string) => {
    for (const next of named(stack.Resources[name])) {
      if (!stack.Resources[next] || found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(id);
  return found;
}

function named(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'DependsOn' || key === 'Ref') return [inner].flat().map(String);
    if (key === 'Fn::GetAtt') return [String([inner].flat()[0])];
    return named(inner);
  });
}

function resources(stack: Stack): Json {
  // Resources are JSON; their optional attributes are absent, not undefined.
  return stack.Resources as JsonObject;
}

function child(value: Json | undefined, key: string): Json | undefined {
  return typeof value === 'object' && value !== null ? (value as JsonObject)[key] : undefined;
}
