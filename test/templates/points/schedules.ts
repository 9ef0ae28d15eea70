import { deepEqual, equal } from 'node:assert/strict';

import { at, change } from '../stacks.ts';
import type { Point } from './point.ts';

const guide = 'https://docs.aws.amazon.com/scheduler/latest/UserGuide';

/** What the service power leaves to the clock. */
export const schedules: Point[] = [
  {
    claim: 'Both schedules are read in the time zone that is given, summer time included',
    documentation: `${guide}/schedule-types.html#time-zones`,
    check: ({ power }) => {
      for (const id of ['Start', 'Stop'])
        deepEqual(at(power, `${id}.Properties.ScheduleExpressionTimezone`), { Ref: 'Timezone' });
    },
    spoil: ({ power }) => change(power, 'Stop.Properties.ScheduleExpressionTimezone', undefined),
  },
  {
    claim: 'A schedule is a cron expression of six fields, and fires at its minute',
    documentation: `${guide}/schedule-types.html#cron-based`,
    check: ({ power }) => {
      for (const [id, parameter] of [
        ['Start', 'StartCron'],
        ['Stop', 'StopCron'],
      ]) {
        const cron = { 'Fn::Join': ['', ['cron(', { Ref: parameter }, ')']] };
        deepEqual(at(power, `${id}.Properties.ScheduleExpression`), cron);
        deepEqual(at(power, `${id}.Properties.FlexibleTimeWindow`), { Mode: 'OFF' });
        equal(power.Parameters[parameter ?? '']?.['AllowedPattern'], '^(|\\S+( \\S+){5})$');
      }
    },
    spoil: ({ power }) =>
      change(power, 'Start.Properties.FlexibleTimeWindow', {
        Mode: 'FLEXIBLE',
        MaximumWindowInMinutes: 15,
      }),
  },
  {
    claim: 'Scheduler may invoke the function by a role of its own, for schedules of this account alone',
    documentation: `${guide}/cross-service-confused-deputy-prevention.html`,
    check: ({ power }) => {
      deepEqual(at(power, 'ScheduleRole.Properties.AssumeRolePolicyDocument.Statement'), [
        {
          Effect: 'Allow',
          Principal: { Service: 'scheduler.amazonaws.com' },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        },
      ]);
      const policy = 'ScheduleRole.Properties.Policies.0.PolicyDocument.Statement';
      deepEqual(at(power, policy), [
        {
          Sid: 'Schedule',
          Effect: 'Allow',
          Action: ['lambda:InvokeFunction'],
          Resource: { 'Fn::GetAtt': ['Power', 'Arn'] },
        },
      ]);
      for (const id of ['Start', 'Stop'])
        deepEqual(at(power, `${id}.Properties.Target.RoleArn`), { 'Fn::GetAtt': ['ScheduleRole', 'Arn'] });
    },
    spoil: ({ power }) =>
      change(power, 'ScheduleRole.Properties.AssumeRolePolicyDocument.Statement.0.Condition', undefined),
  },
];
