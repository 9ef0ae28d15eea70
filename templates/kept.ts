import type { ResourceBase } from 'cloudform';

/** Outlives its stack, but not the roll-back of the deployment that made it. */
export function kept<R extends ResourceBase>(resource: R): R {
  resource.UpdateReplacePolicy = 'Retain';
  return resource.deletionPolicy('RetainExceptOnCreate');
}
