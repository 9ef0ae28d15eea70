/**
 * What CloudFormation has learnt since cloudform 7.5.0 was generated. Types only: nothing of this exists at run time,
 * which is why `RetainExceptOnCreate` is a literal here and not a member added to cloudform's enum (it would compile,
 * and be `undefined`).
 */
import type { Value } from 'cloudform';

declare module 'cloudform-types/types/resource.js' {
  interface ResourceBase {
    UpdateReplacePolicy?: 'Delete' | 'Retain' | 'Snapshot';
    deletionPolicy(policy: DeletionPolicy | 'RetainExceptOnCreate'): this;
  }
}

declare module 'cloudform-types/types/lambda/function.js' {
  interface FunctionProperties {
    LoggingConfig?: { LogGroup?: Value<string>; LogFormat?: 'JSON' | 'Text' };
  }
}
