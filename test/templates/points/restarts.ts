import { deepEqual, ok } from 'node:assert/strict';

import { LAST_REQUESTS } from '../../../src/runtime/drain.ts';
import { at, change } from '../stacks.ts';
import type { Stack } from '../stacks.ts';
import type { Point } from './point.ts';

const elb = 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application';
const script = 'LaunchTemplate.Properties.LaunchTemplateData.UserData.Fn::Base64.Fn::Sub.0';
const lastRequests = LAST_REQUESTS / 1000;

/** Seconds that the user data has where a pattern finds them; NaN, which is more than nothing, when it does not. */
function inScript(server: Stack, pattern: RegExp): number {
  return Number(pattern.exec(String(at(server, script)))?.[1]);
}

function changeScript(server: Stack, pattern: RegExp, line: string): void {
  change(server, script, String(at(server, script)).replace(pattern, line));
}

/** Seconds until the load balancer has looked at an instance as often as a threshold wants, at the most. */
function looks(server: Stack, threshold: 'HealthyThresholdCount' | 'UnhealthyThresholdCount'): number {
  const setting = (name: string) => Number(at(server, `Targets.Properties.${name}`));
  return setting(threshold) * setting('HealthCheckIntervalSeconds') + setting('HealthCheckTimeoutSeconds');
}

/** That nobody's request is lost when an instance comes, goes or is started again. */
export const restarts: Point[] = [
  {
    claim: 'A server that is told to stop answers until the load balancer has looked away',
    documentation: `${elb}/target-group-health-checks.html`,
    check: ({ server }) =>
      ok(inScript(server, /^DRAIN_SECONDS=(\d+)$/m) >= looks(server, 'UnhealthyThresholdCount')),
    spoil: ({ server }) => changeScript(server, /^DRAIN_SECONDS=.*$/m, 'DRAIN_SECONDS=34'),
  },
  {
    claim: 'It is not killed before its last answer',
    documentation: 'https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html',
    check: ({ server }) => {
      const drain = inScript(server, /^DRAIN_SECONDS=(\d+)$/m);
      ok(inScript(server, /^TimeoutStopSec=(\d+)$/m) > drain + lastRequests);
    },
    spoil: ({ server }) => changeScript(server, /^TimeoutStopSec=.*$/m, 'TimeoutStopSec=55'),
  },
  {
    claim: 'A new instance signals once the load balancer has found it healthy',
    documentation: `${elb}/target-group-health-checks.html`,
    check: ({ server }) => ok(inScript(server, /^sleep (\d+)$/m) >= looks(server, 'HealthyThresholdCount')),
    spoil: ({ server }) => changeScript(server, /^sleep \d+$/m, 'sleep 24'),
  },
  {
    claim: 'An instance that leaves gets 30 s for its last answers, by an attribute that exists',
    documentation: `${elb}/edit-target-group-attributes.html#deregistration-delay`,
    check: ({ server }) => {
      deepEqual(at(server, 'Targets.Properties.TargetGroupAttributes.0'), {
        Key: 'deregistration_delay.timeout_seconds',
        Value: '30',
      });
      ok(30 >= lastRequests);
    },
    spoil: ({ server }) =>
      change(
        server,
        'Targets.Properties.TargetGroupAttributes.0.Key',
        'deregistration.delay.timeout_seconds',
      ),
  },
  {
    claim: 'The load balancer closes idle connections before the server does, by an attribute that exists',
    documentation: `${elb}/edit-load-balancer-attributes.html#connection-idle-timeout`,
    check: ({ server }) =>
      deepEqual(at(server, 'LoadBalancer.Properties.LoadBalancerAttributes.0'), {
        Key: 'idle_timeout.timeout_seconds',
        Value: '60',
      }),
    spoil: ({ server }) => change(server, 'LoadBalancer.Properties.LoadBalancerAttributes.0.Value', '600'),
  },
];
