import { DeployFailure } from '../cloudformation/failure.ts';
import type { Declares } from '../cloudformation/parameters.ts';
import type { StackSource } from '../system.ts';

/** Bytes a template may have inside a request: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const bodyLimit = 51_200;

/** The parts of a template that deploy.ts itself reads. */
export interface TemplateShape extends Declares {
  Conditions?: Readonly<Record<string, unknown>>;
  Outputs?: Readonly<Record<string, unknown>>;
  Resources: Readonly<
    Record<string, { Type: string; Condition?: string; DeletionPolicy?: string; Properties?: object }>
  >;
}

export interface Compiled {
  /** Of the stack inside its system, such as `serverless`. */
  name: string;
  /** The JSON that is sent. */
  body: string;
  shape: TemplateShape;
  /** What has to be looked up for it. */
  find?: StackSource['find'] | undefined;
}

/**
 * Compiles a stack's template to JSON.
 * @throws DeployFailure when it outgrows a request
 */
export async function compile({ name, template, find }: StackSource): Promise<Compiled> {
  const body = JSON.stringify(await template());
  const size = Buffer.byteLength(body);
  if (size > bodyLimit)
    throw new DeployFailure(`The template ${name} has ${size} bytes; at most ${bodyLimit} can be sent`);
  // What JSON.stringify wrote of our own template is a template: the validator checks it before anything is sent.
  return { name, body, shape: JSON.parse(body) as TemplateShape, find };
}
