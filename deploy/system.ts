import type { Artifact } from './build/artifacts.ts';
import type { Build } from './build/product.ts';
import type { Values } from './cloudformation/parameters.ts';
import type { Session } from './commands/session.ts';

/**
 * What deploy.ts knows of a system: Postagram (deploy/postagram.ts), or a service, whose `services/NAME/service.ts` exports
 * one as `service`. A stack's template is made only when it is wanted: cloudform alone takes half a second to load.
 */
export interface System {
  /** First part of the names of its stacks: `NAME-STACK-STAGE`. */
  name: string;
  /**
   * In the order in which they are made, data first. Each gets the outputs of those before it as parameters of the same
   * names, as far as its template declares them.
   */
  stacks: readonly StackSource[];
  /** Lambda functions. The zip of each goes into the artifacts bucket as `functions/SHA256.zip`. */
  functions?: readonly FunctionSource[];
  /** What else goes into the artifacts bucket, such as Postagram's server. */
  archives?: (build: Build) => Promise<readonly Artifact[]>;
  /** Flags of its own, by name without the dashes. */
  flags?: Readonly<Record<string, SystemFlag>>;
  /** Whether it labels photos, which limits the regions. */
  labels?: boolean;
  /** A path of the system that answers 200 once all is well; a deployment waits for it. */
  health?: string;
  /** Where it is asked for that, the output `Url` unless it says otherwise. */
  site?: (outputs: Values) => string;
  /** What is left to do by hand, if anything. @param made secrets that this deployment made: never told again */
  remark?: (outputs: Values, made?: Values) => string | undefined;
  /** What `--write-env` writes into `.env.local`: outputs, by the variable's name. */
  environment?: Readonly<Record<string, string>>;
}

export interface StackSource {
  /** Such as `data` or `api`. */
  name: string;
  /** A template of cloudform's: `async () => (await import('./template.ts')).data()`. */
  template: () => Promise<object>;
  /** Values of parameters that have to be looked up in the account; a flag that says something else wins. */
  find?: (session: Session, known: Known) => Promise<Values>;
  /** Kept by `down`, deleted by `down --data`. Only tables and buckets of such a stack may outlive it (`Retain…`). */
  keepsData?: boolean;
}

/** What is known when a stack's values are looked up. */
export interface Known {
  /** Parameters that flags were given for; an empty value sets back. */
  given: Values;
  /** What the stack would be deployed with otherwise. */
  values: Values;
  /** Whether it has yet to be made. */
  isNew: boolean;
}

/**
 * A function reads its code from `{ S3Bucket: Ref ArtifactsBucket, S3Key: Ref <Name>CodeKey }`: templates/function-code.ts.
 * Its runtime is nodejs24.x, its handler `index.handler`.
 */
export interface FunctionSource {
  /** In capitals as in CloudFormation, such as `Labeler`. */
  name: string;
  /** The module that exports `handler`, as a path from the checkout's root. */
  entry: string;
  /** Packages with native code: they go into the zip as they are, for Lambda's processor. */
  native?: readonly string[];
}

/** A flag that becomes a parameter of the templates. */
export interface SystemFlag {
  /** The parameter it sets. Repeated, its values stand there with commas between them. */
  parameter: string;
  /** What it is, in the words of --help. */
  about: string;
  /** For a flag with a value: what stands for it in --help, such as `DAYS`. A flag without one is a switch. */
  value?: string;
  /** For a switch: the value it sets, `true` unless given. */
  sets?: string;
  /** How a value must look, and that in words that follow "must be". */
  pattern?: RegExp;
  wanted?: string;
  /** Whether it may be repeated. */
  multiple?: boolean;
  /** The value is the name of a stage, and stands for an output of that stage's stack, whose name is `stack-STAGE`. */
  outputOf?: { stack: string; output: string };
}
