import { deepEqual, equal, ok } from 'node:assert/strict';

import { at, change } from '../stacks.ts';
import type { Point } from './point.ts';

const lambda = 'https://docs.aws.amazon.com/lambda/latest/dg';
const mapping = 'DelivererStream.Properties';

/** What the service blobs needs of AWS: its data, its events, its callbacks. */
export const blobs: Point[] = [
  {
    claim:
      'A change that no callback could be begun for comes again, and a bad one alone ends in the dead letters',
    documentation: `${lambda}/services-ddb-batchfailurereporting.html`,
    check: ({ blobs: { callbacks } }) => {
      deepEqual(at(callbacks, `${mapping}.FunctionResponseTypes`), ['ReportBatchItemFailures']);
      equal(at(callbacks, `${mapping}.BisectBatchOnFunctionError`), true);
      equal(at(callbacks, `${mapping}.MaximumRetryAttempts`), 3);
      deepEqual(at(callbacks, `${mapping}.DestinationConfig.OnFailure.Destination`), {
        'Fn::GetAtt': ['DelivererDeadLetters', 'Arn'],
      });
    },
    spoil: ({ blobs: { callbacks } }) => change(callbacks, `${mapping}.FunctionResponseTypes`, undefined),
  },
  {
    claim: 'The clock calls what tries callbacks again once a minute, and may call it',
    documentation:
      'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html#eb-rate-expressions',
    check: ({ blobs: { callbacks } }) => {
      equal(at(callbacks, 'RetrierClock.Properties.ScheduleExpression'), 'rate(1 minute)');
      deepEqual(at(callbacks, 'RetrierClock.Properties.Targets.0.Arn'), { 'Fn::GetAtt': ['Retrier', 'Arn'] });
      equal(at(callbacks, 'RetrierPermission.Properties.Principal'), 'events.amazonaws.com');
      deepEqual(at(callbacks, 'RetrierPermission.Properties.SourceArn'), {
        'Fn::GetAtt': ['RetrierClock', 'Arn'],
      });
    },
    spoil: ({ blobs: { callbacks } }) =>
      change(callbacks, 'RetrierClock.Properties.ScheduleExpression', 'rate(1 minutes)'),
  },
  {
    claim: 'No deployed function takes a callback to loopback, as the laptop and the tests do',
    documentation: `${lambda}/configuration-envvars.html`,
    check: ({ blobs: { api, callbacks } }) => {
      for (const [stack, name] of [
        [api, 'Api'],
        [callbacks, 'Deliverer'],
        [callbacks, 'Retrier'],
      ] as const) {
        ok(at(stack, `${name}.Properties.Environment.Variables.BLOBS_TABLE`), name);
        equal(at(stack, `${name}.Properties.Environment.Variables.BLOBS_CALLBACK_LOOPBACK`), undefined, name);
      }
    },
    spoil: ({ blobs: { api } }) =>
      change(api, 'Api.Properties.Environment.Variables.BLOBS_CALLBACK_LOOPBACK', 'true'),
  },
  {
    claim: 'The secrets that sign callbacks are shown to nobody who reads the stack',
    documentation:
      'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html',
    check: ({ blobs: { callbacks } }) => {
      for (const name of ['CallbackSecret', 'OldCallbackSecret'])
        equal(callbacks.Parameters[name]?.['NoEcho'], true, name);
    },
    spoil: ({ blobs: { callbacks } }) => {
      const secret = callbacks.Parameters['OldCallbackSecret'];
      if (secret) secret['NoEcho'] = false;
    },
  },
  {
    claim: 'Only the bucket of this account may call the labeler of blobs, and it is made after it may',
    documentation: `${lambda}/permissions-function-services.html`,
    check: ({ blobs: { data } }) => {
      equal(at(data, 'LabelerPermission.Properties.Principal'), 's3.amazonaws.com');
      deepEqual(at(data, 'LabelerPermission.Properties.SourceAccount'), { Ref: 'AWS::AccountId' });
      equal(at(data, 'Images.DependsOn'), 'LabelerPermission');
    },
    spoil: ({ blobs: { data } }) => change(data, 'LabelerPermission.Properties.SourceAccount', undefined),
  },
  {
    claim: 'The event of an image that failed three times waits for 14 days',
    documentation: `${lambda}/invocation-async-retain-records.html`,
    check: ({ blobs: { data } }) => {
      equal(at(data, 'LabelerRetries.Properties.MaximumRetryAttempts'), 2);
      deepEqual(at(data, 'Labeler.Properties.DeadLetterConfig.TargetArn'), {
        'Fn::GetAtt': ['LabelerDeadLetters', 'Arn'],
      });
      equal(at(data, 'LabelerDeadLetters.Properties.MessageRetentionPeriod'), 14 * 24 * 60 * 60);
    },
    spoil: ({ blobs: { data } }) => change(data, 'LabelerRetries.Properties.MaximumRetryAttempts', 0),
  },
  {
    claim: 'An image that was written over is gone after a day',
    documentation:
      'https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configuration-examples.html',
    check: ({ blobs: { data } }) => {
      const rule = 'Images.Properties.LifecycleConfiguration.Rules.1';
      equal(at(data, `${rule}.NoncurrentVersionExpiration.NoncurrentDays`), 1);
      equal(at(data, `${rule}.Status`), 'Enabled');
    },
    spoil: ({ blobs: { data } }) =>
      change(data, 'Images.Properties.LifecycleConfiguration.Rules.1.Status', 'Disabled'),
  },
  {
    claim: 'The function answers before API Gateway gives up on it',
    documentation: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html',
    // Seconds; it gives up after 30.
    check: ({ blobs: { api } }) => ok(Number(at(api, 'Api.Properties.Timeout')) < 30),
    spoil: ({ blobs: { api } }) => change(api, 'Api.Properties.Timeout', 31),
  },
];
