import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { endOfLab, labEnded, nameNotFree, nameSoonFree } from './failure.ts';

/** Resources that CloudFormation stopped because another one had failed: never the cause. */
const cancelled = /^Resource (creation|update|deletion) cancelled/i;

/** The first thing that went wrong, in words. */
export interface Cause {
  resource: string;
  reason: string;
}

/** Whether the event is about the stack itself and not about one of its resources. */
export const isStackEvent = ({ PhysicalResourceId, StackId }: StackEvent) =>
  StackId !== undefined && PhysicalResourceId === StackId;

/** Whether a stack or resource with this status stays as it is until somebody does something. */
export const isSettled = (status: string) => !status.endsWith('_IN_PROGRESS');

/**
 * Why an operation failed: the first resource that failed by itself, else what the stack says.
 * @param events of one operation, oldest first
 */
export function firstCause(events: readonly StackEvent[]): Cause | undefined {
  const failed = events.filter(({ ResourceStatus = '' }) => ResourceStatus.endsWith('_FAILED'));
  const own = failed.filter(({ ResourceStatusReason: reason }) => reason && !cancelled.test(reason));
  const event =
    own.find((one) => !isStackEvent(one)) ??
    own[0] ??
    events.find(
      (one) => isStackEvent(one) && one.ResourceStatus?.includes('ROLLBACK') && one.ResourceStatusReason,
    );
  if (!event) return undefined;
  const { LogicalResourceId = 'The stack', ResourceType, ResourceStatusReason } = event;
  const type = ResourceType && !isStackEvent(event) ? ` (${ResourceType})` : '';
  return { resource: `${LogicalResourceId}${type}`, reason: ResourceStatusReason ?? 'no reason given' };
}

/**
 * The events of the newest operation.
 * @param events of a stack, oldest first
 */
export function latestOperation(events: readonly StackEvent[]): StackEvent[] {
  const start = events.findLastIndex(
    (event) => isStackEvent(event) && /^(CREATE|UPDATE|DELETE)_IN_PROGRESS$/.test(event.ResourceStatus ?? ''),
  );
  return events.slice(Math.max(start, 0));
}

/** What AWS says where it means something that a person can do, and what that is: docs/deploy.md, "What AWS may refuse". */
const advice: readonly [said: RegExp, todo: string][] = [
  [endOfLab, labEnded],
  [
    /does not support creating load balancers/i,
    'AWS has not opened load balancers to this account yet, as with some new ones. No change of yours helps: open a case with AWS Support ("Account and billing", free) that quotes this sentence, and run again when it is answered.',
  ],
  [
    /Availability Zones? .*cannot be associated with a load balancer/i,
    'This zone takes no load balancer. Take the site down and deploy it again, which chooses other zones, or give a network in others: --vpc and --subnets.',
  ],
  [
    /VpcLimitExceeded|maximum number of VPCs/i,
    'An account has 5 VPCs a region unless it asks for more (Service Quotas, "VPCs per Region"). Delete one that nobody needs, or use one that is there: --vpc and --subnets.',
  ],
  [nameNotFree, nameSoonFree],
  [/already exists/i, 'An earlier stage of this name left it behind: see docs/decisions/what-down-keeps.md'],
];

/** What helps beyond the reason itself, if anything. */
export function adviceFor({ reason }: Cause, region: string): string | undefined {
  const instance = /FAILURE signal.*\b(i-[0-9a-f]+)/.exec(reason)?.[1];
  if (instance) {
    return `What the instance wrote while starting: aws ec2 get-console-output --latest --instance-id ${instance} --region ${region} --output text`;
  }
  return advice.find(([said]) => said.test(reason))?.[1];
}
