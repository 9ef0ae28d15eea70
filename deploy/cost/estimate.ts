import type { Values } from '../cloudformation/parameters.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { diskGigabytes, hoursPerMonth, instancePrices, prices } from './prices.ts';

/** Something that costs although nobody uses it; `dollars` a month, undefined where the price is not known. */
export interface Cost {
  what: string;
  dollars: number | undefined;
}

/** Alarms that Auto Scaling makes for a policy of target tracking: one to grow by, one to shrink by. */
const alarmsOfPolicy = 2;

/** Zones that a load balancer is in, with an address in each. */
const zones = 2;

/**
 * What resources cost a month at rest: the smallest fleet, nobody there. What is paid by use is not in it.
 * @param types types of the resources, one for each resource
 * @param values the parameters they are made with
 */
export function costAtRest(types: readonly string[], values: Values): Cost[] {
  const count = (type: string) => types.filter((one) => one === type).length;
  const balancers = count('AWS::ElasticLoadBalancingV2::LoadBalancer');
  const instances = count('AWS::AutoScaling::AutoScalingGroup') * Number(values.MinSize ?? 1);
  const alarms = count('AWS::CloudWatch::Alarm') + alarmsOfPolicy * count('AWS::AutoScaling::ScalingPolicy');
  const addresses = balancers * zones + instances;
  const type = values.InstanceType ?? '';
  const hourly = instancePrices[type];
  const rows: [number, Cost][] = [
    [balancers, { what: 'load balancer', dollars: balancers * prices.loadBalancer.dollars * hoursPerMonth }],
    [instances, { what: `${instances} × ${type}`, dollars: hourly && instances * hourly * hoursPerMonth }],
    [
      addresses,
      {
        what: `${addresses} public IPv4 addresses`,
        dollars: addresses * prices.publicAddress.dollars * hoursPerMonth,
      },
    ],
    [
      instances,
      {
        what: `${instances * diskGigabytes} GB of disk`,
        dollars: instances * diskGigabytes * prices.disk.dollars,
      },
    ],
    [alarms, { what: `${alarms} alarms`, dollars: alarms * prices.alarm.dollars }],
  ];
  return rows.filter(([number]) => number > 0).map(([, cost]) => cost);
}

/** Dollars a month; a lower bound where a price is not known. */
export const total = (costs: readonly Cost[]) => costs.reduce((sum, { dollars = 0 }) => sum + dollars, 0);

const amount = (dollars: number | undefined) =>
  dollars === undefined ? 'not known' : `$${dollars.toFixed(2)}`;

/** Shows what a plan costs a month at rest, and where the prices are from. */
export function showCost({ heading, table, line }: Terminal, costs: readonly Cost[]): void {
  heading('about what it costs a month at rest, in us-east-1');
  const known = costs.every(({ dollars }) => dollars !== undefined);
  table([
    ...costs.map(({ what, dollars }) => [what, amount(dollars)]),
    [known ? 'together' : 'together, at least', amount(total(costs))],
  ]);
  line(' What is paid by use comes on top; prices and sources: docs/cost.md');
}
