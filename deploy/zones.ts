import type { EC2Client } from '@aws-sdk/client-ec2';
import { DescribeAvailabilityZonesCommand, DescribeInstanceTypeOfferingsCommand } from '@aws-sdk/client-ec2';
import { DeployFailure } from './cloudformation/failure.ts';

/**
 * Zones, by the id that is the same in every account, that are closed to new load balancers: apne1-az3 in
 * https://github.com/aws/copilot-cli/issues/1298. The others are those that
 * https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html leaves out as well; us-west-1 has such a zone for load
 * balancers too (https://github.com/widdix/mastodon-on-aws/issues/13). One that is left out in vain costs nothing.
 */
const closed = new Set(['apne1-az3', 'cac1-az3', 'use1-az3', 'usw1-az2']);

/**
 * Two zones, by name, in which this type of instance and a load balancer can be had.
 * @throws DeployFailure when the region has fewer
 */
export async function twoZones(ec2: EC2Client, instanceType: string): Promise<[string, string]> {
  const [{ InstanceTypeOfferings = [] }, { AvailabilityZones = [] }] = await Promise.all([
    ec2.send(
      new DescribeInstanceTypeOfferingsCommand({
        LocationType: 'availability-zone-id',
        Filters: [{ Name: 'instance-type', Values: [instanceType] }],
      }),
    ),
    ec2.send(
      new DescribeAvailabilityZonesCommand({
        Filters: [
          { Name: 'state', Values: ['available'] },
          { Name: 'zone-type', Values: ['availability-zone'] },
        ],
      }),
    ),
  ]);
  const offered = new Set(InstanceTypeOfferings.map(({ Location }) => Location));
  const names = AvailabilityZones.filter(({ ZoneId = '' }) => offered.has(ZoneId) && !closed.has(ZoneId))
    .map(({ ZoneName = '' }) => ZoneName)
    .toSorted();
  const [first, second] = names;
  if (first && second) return [first, second];
  throw new DeployFailure(
    `${instanceType} is offered in ${names.join(', ') || 'no zone'} here: a load balancer wants two zones`,
    'Nothing was changed. Take another --instance-type or --region, or bring your own network: --vpc and --subnets.',
  );
}
