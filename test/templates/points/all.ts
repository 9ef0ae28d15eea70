import { access } from './access.ts';
import { accounts } from './accounts.ts';
import { blobs } from './blobs.ts';
import { data } from './data.ts';
import { fleet } from './fleet.ts';
import { labeler } from './labeler.ts';
import { network } from './network.ts';
import type { Point } from './point.ts';
import { restarts } from './restarts.ts';
import { schedules } from './schedules.ts';
import { traffic } from './traffic.ts';

/** Every point, under the heading it has in docs/aws-only.md. */
export const points: Record<string, Point[]> = {
  'Data and buckets': data,
  'From the upload to the labeler': labeler,
  'Who may do what': access,
  'Signing in': accounts,
  Network: network,
  Fleet: fleet,
  'Load balancer, scaling, alarms': traffic,
  Restarts: restarts,
  Schedules: schedules,
  'The service blobs': blobs,
};

export const allPoints = Object.values(points).flat();
