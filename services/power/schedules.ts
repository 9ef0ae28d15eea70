import { Fn, IAM, Refs, Scheduler } from 'cloudform';
import type { Condition, ResourceBase } from 'cloudform';
import { permissionsBoundary } from '../../templates/parameters.ts';

const cron = (Description: string) => ({
  Type: 'String',
  Default: '',
  Description,
  AllowedPattern: '^(|\\S+( \\S+){5})$',
  ConstraintDescription: 'six fields of cron, such as 0 8 ? * MON-FRI *',
});

export const scheduleParameters = {
  StartCron: cron('When to start the machines; never without it'),
  StopCron: cron('When to stop the machines; never without it'),
  Timezone: {
    Type: 'String',
    Default: 'UTC',
    Description: 'Time zone of both',
    AllowedPattern: '^[A-Za-z][A-Za-z0-9_+/-]{1,49}$',
  },
};

const never = (parameter: string) => Fn.Equals(Fn.Ref(parameter), '');

export const scheduleConditions: Record<string, Condition> = {
  HasStart: Fn.Not(never('StartCron')),
  HasStop: Fn.Not(never('StopCron')),
  HasSchedule: Fn.Not(Fn.And([never('StartCron'), never('StopCron')])),
};

/** What invokes a function at its time, directly: an order that fails is tried again. @param name of the function */
export const schedules = (name: string): Record<string, ResourceBase> => ({
  Start: schedule(name, 'StartCron', 'start').condition('HasStart'),
  Stop: schedule(name, 'StopCron', 'stop').condition('HasStop'),
  ScheduleRole: new IAM.Role({
    Description: 'power: schedules',
    PermissionsBoundary: permissionsBoundary,
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'scheduler.amazonaws.com' },
          Action: 'sts:AssumeRole',
          // Not for schedules of other accounts.
          Condition: { StringEquals: { 'aws:SourceAccount': Refs.AccountId } },
        },
      ],
    },
    Policies: [
      {
        PolicyName: 'power',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Sid: 'Schedule',
              Effect: 'Allow',
              Action: ['lambda:InvokeFunction'],
              Resource: Fn.GetAtt(name, 'Arn'),
            },
          ],
        },
      },
    ],
  }).condition('HasSchedule'),
});

function schedule(name: string, parameter: string, action: 'start' | 'stop'): Scheduler.Schedule {
  return new Scheduler.Schedule({
    FlexibleTimeWindow: { Mode: 'OFF' },
    ScheduleExpression: Fn.Join('', ['cron(', Fn.Ref(parameter), ')']),
    ScheduleExpressionTimezone: Fn.Ref('Timezone'),
    Target: {
      Arn: Fn.GetAtt(name, 'Arn'),
      RoleArn: Fn.GetAtt('ScheduleRole', 'Arn'),
      Input: JSON.stringify({ action, retry: true }),
    },
  });
}
