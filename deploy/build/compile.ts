import { join } from 'node:path';
import { server } from '../../templates/server.ts';
import { serverless } from '../../templates/serverless.ts';
import { DeployFailure } from '../cloudformation/failure.ts';
import type { Declares } from '../cloudformation/parameters.ts';

/** Bytes a template may have inside a request: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const bodyLimit = 51_200;

/** The parts of a template that deploy.ts itself reads. */
export interface TemplateShape extends Declares {
  Conditions?: Readonly<Record<string, unknown>>;
  Outputs?: Readonly<Record<string, unknown>>;
  Resources: Readonly<Record<string, { Type: string; Condition?: string; DeletionPolicy?: string }>>;
}

export interface Compiled {
  name: 'serverless' | 'server';
  /** The JSON that is sent. */
  body: string;
  shape: TemplateShape;
}

/**
 * Compiles both templates to JSON.
 * @throws DeployFailure when one outgrows a request
 */
export function compileTemplates(labelerCode: string): { serverless: Compiled; server: Compiled } {
  return {
    serverless: compile('serverless', serverless({ labelerCode })),
    server: compile('server', server()),
  };
}

function compile(name: Compiled['name'], template: object): Compiled {
  const body = JSON.stringify(template);
  const size = Buffer.byteLength(body);
  if (size > bodyLimit)
    throw new DeployFailure(`The template ${name} has ${size} bytes; at most ${bodyLimit} can be sent`);
  // What JSON.stringify wrote of our own template is a template: the validator checks it before anything is sent.
  return { name, body, shape: JSON.parse(body) as TemplateShape };
}

export const templatePath = (dist: string, name: Compiled['name']) => join(dist, `${name}.template.json`);
