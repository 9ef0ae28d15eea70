import { DynamoDB, Fn, Lambda, Logs, Refs, SQS } from 'cloudform';
import type { Template } from 'cloudform';

import { accountOutputs, accounts } from './accounts.ts';
import { alarm, alarmTopic } from './alarms.ts';
import { imageBucket, tlsOnly } from './buckets.ts';
import { codeParameters, functionCode } from './function-code.ts';
import { kept } from './kept.ts';
import { arn, imageBucketName } from './names.ts';
import { boundaryCondition, boundaryParameter, domainParameter, sharedParameters } from './parameters.ts';
import { sharedRole } from './role.ts';
import { postsTable } from './table.ts';

const labelerArn = Fn.GetAtt('Labeler', 'Arn');
const deadLettersArn = Fn.GetAtt('DeadLetters', 'Arn');
const roleArn = Fn.If('OwnRole', Fn.GetAtt('Role', 'Arn'), Fn.Ref('RoleArn'));
const fourteenDays = 14 * 24 * 60 * 60;

function posts(): DynamoDB.Table {
  return new DynamoDB.Table({
    BillingMode: postsTable.BillingMode,
    KeySchema: [...postsTable.KeySchema],
    AttributeDefinitions: [...postsTable.AttributeDefinitions],
    GlobalSecondaryIndexes: postsTable.GlobalSecondaryIndexes.map((index) => ({
      ...index,
      KeySchema: [...index.KeySchema],
    })),
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });
}

/**
 * No reserved concurrency: a small account has a quota of 10 for all its functions, and may not set any of it aside.
 */
function labeler(): Lambda.Function {
  return new Lambda.Function({
    Description: 'Writes the labels of an uploaded photo to its post',
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    Handler: 'index.handler',
    Code: functionCode('Labeler'),
    Role: roleArn,
    // More than it needs, for the CPU that comes with it and shortens a cold start.
    MemorySize: 512,
    Timeout: 60,
    Environment: {
      Variables: { BUCKET: imageBucketName, DYNAMO_TABLE: Fn.Ref('PostsTable') },
    },
    LoggingConfig: { LogGroup: Fn.Ref('LabelerLogs') },
    DeadLetterConfig: { TargetArn: deadLettersArn },
  });
}

/** The stack that holds the data: image bucket, table, labeler, and the role that labeler and server share. */
export function serverless(): Template {
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Postagram: image bucket, posts table, labeler and role',
    Parameters: {
      ...sharedParameters,
      ...codeParameters('Labeler'),
      Domain: domainParameter,
      Accounts: {
        Type: 'String',
        Default: 'false',
        AllowedValues: ['true', 'false'],
        Description: 'Whether users sign in, at a user pool that is made, on a site at https://Domain',
      },
      // No default: AWS's validator would take the empty string for a malformed ARN.
      RoleArn: {
        Type: 'String',
        Description: 'An existing role for labeler and instances; empty: one is made',
        AllowedPattern: '^(|arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_-]+)$',
        ConstraintDescription: 'the ARN of a role without a path',
      },
      ...boundaryParameter,
    },
    Conditions: {
      OwnRole: Fn.Equals(Fn.Ref('RoleArn'), ''),
      ...boundaryCondition,
      HasAccounts: Fn.Equals(Fn.Ref('Accounts'), 'true'),
      HasAlarms: Fn.Not(Fn.Equals(Fn.Ref('AlarmEmail'), '')),
    },
    Resources: {
      PostsTable: kept(posts()),
      ImageBucket: kept(imageBucket()),
      ImageBucketPolicy: tlsOnly('ImageBucket'),
      Role: sharedRole().condition('OwnRole'),
      LabelerLogs: new Logs.LogGroup({
        LogGroupName: Fn.Join('/', ['/postagram', Fn.Ref('Stage'), 'labeler']),
        RetentionInDays: 30,
      }),
      DeadLetters: new SQS.Queue({ MessageRetentionPeriod: fourteenDays, SqsManagedSseEnabled: true }),
      Labeler: labeler(),
      LabelerRetries: new Lambda.EventInvokeConfig({
        FunctionName: Fn.Ref('Labeler'),
        Qualifier: '$LATEST',
        MaximumRetryAttempts: 2,
      }),
      LabelerPermission: new Lambda.Permission({
        FunctionName: labelerArn,
        Action: 'lambda:InvokeFunction',
        Principal: 's3.amazonaws.com',
        // A bucket's ARN names no account, and somebody else could own the name later.
        SourceAccount: Refs.AccountId,
        SourceArn: arn('s3', [imageBucketName], 'global'),
      }),
      ...accounts(),
      AlarmTopic: alarmTopic(),
      DeadLettersAlarm: alarm(
        {
          AlarmDescription: 'A photo could not be labelled: its event waits in the dead letter queue',
          Namespace: 'AWS/SQS',
          MetricName: 'ApproximateNumberOfMessagesVisible',
          Dimensions: [{ Name: 'QueueName', Value: Fn.GetAtt('DeadLetters', 'QueueName') }],
          Statistic: 'Maximum',
          Threshold: 1,
        },
        1,
      ),
    },
    Outputs: {
      ...accountOutputs,
      Bucket: { Description: 'Photos', Value: Fn.Ref('ImageBucket') },
      Table: { Description: 'Posts', Value: Fn.Ref('PostsTable') },
      RoleArn: { Description: 'The role of labeler and instances', Value: roleArn },
      RoleName: {
        Description: 'The same role, by name',
        Value: Fn.If('OwnRole', Fn.Ref('Role'), Fn.Select(1, Fn.Split('/', Fn.Ref('RoleArn')))),
      },
      LabelerFunction: { Description: 'The labeler', Value: Fn.Ref('Labeler') },
      LabelerLogGroup: { Description: 'What the labeler logs', Value: Fn.Ref('LabelerLogs') },
      DeadLetterQueue: {
        Description: 'Events of photos that could not be labelled',
        Value: Fn.Ref('DeadLetters'),
      },
    },
  };
}
