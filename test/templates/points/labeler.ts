import { deepEqual, equal, match } from 'node:assert/strict';

import { architecture } from '../../../templates/architecture.ts';
import { labelerEvents } from '../../../templates/image-bucket.ts';
import { allOf, at, change, madeBefore } from '../stacks.ts';
import { cloudFormation } from './point.ts';
import type { Point } from './point.ts';

const lambda = 'https://docs.aws.amazon.com/lambda/latest/dg';

/** From the upload to the labeler, and what happens when it fails. */
export const labeler: Point[] = [
  {
    claim: 'Every new object starts the labeler, by an event name that S3 knows',
    documentation:
      'https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html',
    check: ({ serverless }) => {
      deepEqual(labelerEvents, ['s3:ObjectCreated:*']);
      deepEqual(at(serverless, 'ImageBucket.Properties.NotificationConfiguration.LambdaConfigurations'), [
        { Event: 's3:ObjectCreated:*', Function: { 'Fn::GetAtt': ['Labeler', 'Arn'] } },
      ]);
    },
    spoil: ({ serverless }) =>
      change(
        serverless,
        'ImageBucket.Properties.NotificationConfiguration.LambdaConfigurations.0.Event',
        's3:ObjectCreate:*',
      ),
  },
  {
    claim: 'S3 may call the labeler before the bucket is made, because S3 checks the notification then',
    documentation: `${cloudFormation}/aws-properties-s3-bucket-notificationconfig.html`,
    check: ({ serverless }) => {
      equal(at(serverless, 'LabelerPermission.Properties.Principal'), 's3.amazonaws.com');
      equal(at(serverless, 'LabelerPermission.Properties.Action'), 'lambda:InvokeFunction');
      equal(madeBefore(serverless, 'ImageBucket').has('LabelerPermission'), true);
    },
    spoil: ({ serverless }) => change(serverless, 'ImageBucket.DependsOn', undefined),
  },
  {
    claim: 'Nothing is made before itself: bucket, permission, function and role form no circle',
    documentation: 'https://repost.aws/knowledge-center/unable-validate-circular-dependency-cloudformation',
    check: (stacks) => {
      for (const stack of allOf(stacks))
        for (const id of Object.keys(stack.Resources)) equal(madeBefore(stack, id).has(id), false, id);
    },
    spoil: ({ serverless }) =>
      change(serverless, 'Role.Properties.Policies.0.PolicyDocument.Statement.2.Resource', {
        'Fn::GetAtt': ['ImageBucket', 'Arn'],
      }),
  },
  {
    claim:
      'Only the image bucket of this account may call the labeler: a bucket name says nothing about its owner',
    documentation: `${lambda}/permissions-function-services.html`,
    check: ({ serverless }) => {
      deepEqual(at(serverless, 'LabelerPermission.Properties.SourceAccount'), { Ref: 'AWS::AccountId' });
      deepEqual(at(serverless, 'LabelerPermission.Properties.SourceArn'), {
        'Fn::Join': [
          '',
          [
            'arn:',
            { Ref: 'AWS::Partition' },
            ':s3',
            ':::',
            at(serverless, 'ImageBucket.Properties.BucketName') ?? null,
          ],
        ],
      });
    },
    spoil: ({ serverless }) => change(serverless, 'LabelerPermission.Properties.SourceAccount', undefined),
  },
  {
    claim:
      'Other code of the labeler has another key in the artifacts bucket: CloudFormation compares nothing else',
    documentation: `${cloudFormation}/aws-properties-lambda-function-code.html`,
    check: ({ serverless }) => {
      deepEqual(at(serverless, 'Labeler.Properties.Code'), {
        S3Bucket: { Ref: 'ArtifactsBucket' },
        S3Key: { Ref: 'LabelerCodeKey' },
      });
      match(String(serverless.Parameters['LabelerCodeKey']?.['AllowedPattern']), /\[0-9a-f\]\{64\}/);
    },
    spoil: ({ serverless }) => change(serverless, 'Labeler.Properties.Code.S3Key', 'functions/labeler.zip'),
  },
  {
    claim: 'The labeler runs on Node 22 or newer, from index.mjs in its zip',
    documentation: `${lambda}/nodejs-handler.html`,
    check: ({ serverless }) => {
      const runtime = String(at(serverless, 'Labeler.Properties.Runtime'));
      match(runtime, /^nodejs\d+\.x$/);
      equal(Number.parseInt(runtime.slice('nodejs'.length)) >= 22, true);
      equal(at(serverless, 'Labeler.Properties.Handler'), 'index.handler');
    },
    spoil: ({ serverless }) => change(serverless, 'Labeler.Properties.Handler', 'labeler.handler'),
  },
  {
    claim: 'What native code the labeler brings is for the processor it runs on',
    documentation: `${lambda}/foundation-arch.html`,
    check: ({ serverless }) => deepEqual(at(serverless, 'Labeler.Properties.Architectures'), [architecture]),
    spoil: ({ serverless }) => change(serverless, 'Labeler.Properties.Architectures', ['x86_64']),
  },
  {
    claim: 'The labeler has one whole processor, and memory for the largest photo that is decoded',
    documentation: `${lambda}/configuration-memory.html`,
    check: ({ serverless }) => equal(Number(at(serverless, 'Labeler.Properties.MemorySize')) >= 1769, true),
    spoil: ({ serverless }) => change(serverless, 'Labeler.Properties.MemorySize', 512),
  },
  {
    claim: 'No concurrency is set aside: an account with a quota of 10 refuses that',
    documentation: `${lambda}/configuration-concurrency.html`,
    check: ({ serverless }) =>
      equal(at(serverless, 'Labeler.Properties.ReservedConcurrentExecutions'), undefined),
    spoil: ({ serverless }) => change(serverless, 'Labeler.Properties.ReservedConcurrentExecutions', 2),
  },
  {
    claim: 'An event that failed three times waits in the dead letter queue for 14 days',
    documentation: `${lambda}/invocation-async-retain-records.html`,
    check: ({ serverless }) => {
      deepEqual(at(serverless, 'LabelerRetries.Properties.MaximumRetryAttempts'), 2);
      deepEqual(at(serverless, 'LabelerRetries.Properties.FunctionName'), { Ref: 'Labeler' });
      deepEqual(at(serverless, 'Labeler.Properties.DeadLetterConfig.TargetArn'), {
        'Fn::GetAtt': ['DeadLetters', 'Arn'],
      });
      equal(at(serverless, 'DeadLetters.Properties.MessageRetentionPeriod'), 1_209_600);
    },
    spoil: ({ serverless }) => change(serverless, 'LabelerRetries.Properties.MaximumRetryAttempts', 0),
  },
  {
    claim: 'The function is made when its role can already send to the queue: the policy is part of the role',
    documentation: 'https://docs.aws.amazon.com/lambda/latest/api/API_DeadLetterConfig.html',
    check: ({ serverless }) => {
      equal(madeBefore(serverless, 'Labeler').has('Role'), true);
      match(JSON.stringify(at(serverless, 'Role.Properties.Policies')), /"sqs:SendMessage"/);
    },
    spoil: ({ serverless }) =>
      change(serverless, 'Role.Properties.Policies.0.PolicyDocument.Statement.9.Action', ['sqs:GetQueueUrl']),
  },
  {
    claim: 'The labeler logs to a group of the stack, kept for 30 days',
    documentation: `${lambda}/monitoring-cloudwatchlogs-loggroups.html`,
    check: ({ serverless }) => {
      deepEqual(at(serverless, 'Labeler.Properties.LoggingConfig.LogGroup'), { Ref: 'LabelerLogs' });
      equal(at(serverless, 'LabelerLogs.Properties.RetentionInDays'), 30);
    },
    spoil: ({ serverless }) => change(serverless, 'LabelerLogs.Properties.RetentionInDays', undefined),
  },
];
