import type { FunctionSource, System } from '../deploy/system.ts';
import type { BucketDefinition } from '../templates/service/bucket.ts';
import type { SecretDefinition } from '../templates/service/secret.ts';
import type { TableDefinition } from '../templates/service/table.ts';

/**
 * What a service is made of. Each `services/NAME/service.ts` says it as data, which `npm start -- NAME`,
 * `deploy.ts --service NAME` and the service's own templates read. It imports nothing but this type; its templates are
 * loaded when a deployment wants them.
 */
export type Service = Omit<System, 'functions'> & {
  /** What it does, in one sentence. */
  readonly purpose: string;
  /** What `npm start` prints after `curl ` to try it; `$URL` stands for the address. */
  readonly curl: string;
  /** The stage that stands before its paths in API Gateway's own URL; on the laptop they answer with and without it. */
  readonly stage?: string;
  readonly functions: readonly ServiceFunction[];
  /** By logical id, such as `Hits`. */
  readonly tables?: Readonly<Record<string, TableDefinition>>;
  readonly buckets?: Readonly<Record<string, BucketDefinition>>;
  readonly secrets?: Readonly<Record<string, SecretDefinition>>;
  /** Ids of instances that the laptop's EC2 has for it. */
  readonly laptopInstances?: readonly string[];
};

/** Its `entry` exports `handler`, and for the trigger `http` also `routes` and `options`. */
export type ServiceFunction = FunctionSource & {
  readonly trigger: Trigger;
  /** Seconds a run may take; behind API Gateway at most 29. */
  readonly timeout: number;
  /**
   * Variables of its configuration. On the laptop all functions share one process: each variable carries the name of
   * the service in front.
   */
  readonly environment: Readonly<Record<string, Setting>>;
};

/** What calls a function. */
export type Trigger =
  /** Requests to these paths and to all below them, such as `/hits`. */
  | { readonly http: readonly string[] }
  /** Objects that are put into a bucket; at least once, unordered, two more tries. */
  | { readonly objectCreated: string }
  /** Changes of a table's items: at least once, in order for each item. */
  | ({ readonly stream: string } & StreamOptions)
  /** The clock: once in so many minutes. */
  | { readonly everyMinutes: number };

/** As of a Lambda event source mapping; a batch answers `batchItemFailures`. */
export type StreamOptions = {
  /** Records a call, at the most. */
  readonly batchSize: number;
  /** Tries after the first before a record goes to the dead letters. */
  readonly retries: number;
};

/** The value of a variable: a text, or the name of what the service has under a logical id, or a secret's value. */
export type Setting =
  string | { readonly table: string } | { readonly bucket: string } | { readonly secret: string };
