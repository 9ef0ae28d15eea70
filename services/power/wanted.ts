import { DeployFailure } from '../../deploy/cloudformation/failure.ts';
import type { Values } from '../../deploy/cloudformation/parameters.ts';

/** @throws DeployFailure when a deployment would have nothing to switch */
export function checkWanted({ InstanceIds, PowerTag, FleetName }: Values): void {
  if (!InstanceIds && !PowerTag && !FleetName)
    throw new DeployFailure('Nothing to switch: give --instance, --tag-selected or --fleet');
}

/** What a deployment says at its end: the key, once; and that there is none, loudly. */
export function remark({ Url, ApiKeyId, OpenUrl }: Values, { ApiKeyValue }: Values = {}): string | undefined {
  if (OpenUrl)
    return `THIS API IS OPEN: anybody who learns of ${OpenUrl} may start and stop these machines.\nClose it with --key or --iam.`;
  if (ApiKeyId && ApiKeyValue)
    return `x-api-key: ${ApiKeyValue}\nIt is not shown again. Try it: curl ${Url} -H 'x-api-key: ${ApiKeyValue}'`;
  return undefined;
}
