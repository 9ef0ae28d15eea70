import { Events, Fn, Lambda, Refs, SQS } from 'cloudform';
import type { ResourceBase, Value } from 'cloudform';
import { arn } from '../names.ts';
import { allow, type Statement } from './function.ts';

const FOURTEEN_DAYS = 14 * 24 * 60 * 60;

/** Where what a function failed on for good waits to be looked at: `NAMEDeadLetters`. */
const deadLetters = () =>
  new SQS.Queue({ MessageRetentionPeriod: FOURTEEN_DAYS, SqsManagedSseEnabled: true });

/** The ARN for the function's `deadLetters`, or its statement. */
export const deadLettersArn = (name: string): Value<string> => Fn.GetAtt(`${name}DeadLetters`, 'Arn');

/**
 * Lets a bucket call a function: two more tries, then the event is in `NAMEDeadLetters`, which the function has to have
 * as its `deadLetters`. The bucket names the function in its notifications and depends on `NAMEPermission`.
 * @param name logical id of the function
 * @param bucketName known before the bucket is made
 */
export function objectCreated(name: string, bucketName: Value<string>): Record<string, ResourceBase> {
  return {
    [`${name}DeadLetters`]: deadLetters(),
    [`${name}Retries`]: new Lambda.EventInvokeConfig({
      FunctionName: Fn.Ref(name),
      Qualifier: '$LATEST',
      MaximumRetryAttempts: 2,
    }),
    [`${name}Permission`]: new Lambda.Permission({
      FunctionName: Fn.GetAtt(name, 'Arn'),
      Action: 'lambda:InvokeFunction',
      Principal: 's3.amazonaws.com',
      // A bucket's ARN names no account, and somebody else could own the name later.
      SourceAccount: Refs.AccountId,
      SourceArn: arn('s3', [bucketName], 'global'),
    }),
  };
}

/**
 * Has a function called with the changes of a table. A batch is tried again from the record it names in
 * `batchItemFailures`, and cut in halves, so that a bad record alone ends in `NAMEDeadLetters`.
 * @param name logical id of the function, whose statements have to include `streamStatements`
 * @param streamArn of the table's stream
 */
export function tableStream(
  name: string,
  streamArn: Value<string>,
  { batchSize, retries }: { batchSize: number; retries: number },
): Record<string, ResourceBase> {
  return {
    [`${name}DeadLetters`]: deadLetters(),
    [`${name}Stream`]: new Lambda.EventSourceMapping({
      FunctionName: Fn.Ref(name),
      EventSourceArn: streamArn,
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: batchSize,
      MaximumRetryAttempts: retries,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      DestinationConfig: { OnFailure: { Destination: deadLettersArn(name) } },
    }),
  };
}

/** What `tableStream` needs of the function's role. */
export const streamStatements = (name: string, streamArn: Value<string>): Statement[] => [
  allow(
    'Stream',
    ['DescribeStream', 'GetRecords', 'GetShardIterator'].map((action) => `dynamodb:${action}`),
    streamArn,
  ),
  // To IAM this one is about no resource.
  allow('ListStreams', ['dynamodb:ListStreams'], '*'),
  allow('DeadLetters', ['sqs:SendMessage'], deadLettersArn(name)),
];

/** Has the clock call a function. @param name its logical id */
export function everyMinutes(name: string, minutes: number): Record<string, ResourceBase> {
  return {
    [`${name}Clock`]: new Events.Rule({
      Description: `Calls ${name}`,
      ScheduleExpression: `rate(${minutes} ${minutes === 1 ? 'minute' : 'minutes'})`,
      Targets: [{ Id: name, Arn: Fn.GetAtt(name, 'Arn') }],
    }),
    [`${name}Permission`]: new Lambda.Permission({
      FunctionName: Fn.GetAtt(name, 'Arn'),
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: Fn.GetAtt(`${name}Clock`, 'Arn'),
    }),
  };
}
