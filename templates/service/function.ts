import { Fn, IAM, Lambda, Logs } from 'cloudform';
import type { IntrinsicFunction, ResourceBase, Value } from 'cloudform';
import { codeParameters, functionCode } from '../function-code.ts';
import {
  boundaryCondition,
  boundaryParameter,
  permissionsBoundary,
  sharedParameters,
} from '../parameters.ts';

/** One statement of a role's policy. */
export type Statement = {
  Sid: string;
  Effect: 'Allow';
  Action: string[];
  Resource: Value<string> | Value<string>[];
  Condition?: StatementCondition;
};

/** Operator, such as `StringEquals` → key → value. */
type StatementCondition = Record<string, Record<string, Value<string> | Value<string>[]>>;

/** @param Sid its name, letters and digits */
export const allow = (
  Sid: string,
  Action: string[],
  Resource: Statement['Resource'],
  Condition?: StatementCondition,
): Statement => ({ Sid, Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) });

export type FunctionOptions = {
  /** The system's name: first part of the log group's. */
  system: string;
  description: string;
  /** Seconds. */
  timeout: number;
  environment: Readonly<Record<string, Value<string>>>;
  /** What it may do besides writing its log; `Fn.If` may decide on one. */
  statements: (Statement | IntrinsicFunction)[];
  /** MiB; the CPU comes with it. */
  memory?: number;
  /** For a function that is called asynchronously: ARN of the queue for events that failed for good. */
  deadLetters?: Value<string>;
};

/** Parameters of a stack with functions: deploy.ts knows the bucket, and each code's key by its content. */
export function functionParameters(...names: string[]) {
  return {
    Stage: sharedParameters.Stage,
    ...codeParameters(...names),
    ...boundaryParameter,
    LogRetentionInDays: {
      Type: 'Number',
      Default: 30,
      AllowedValues: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731],
      Description: 'Days for which the functions keep their logs',
    },
  };
}

/** The conditions that go with `functionParameters`. */
export const functionConditions = boundaryCondition;

/**
 * A Lambda function with a role of its own that may do what it needs and no more, and a log group that forgets.
 * @param name its logical id, which `NAMERole` and `NAMELogs` share
 */
export function lambdaFunction(name: string, options: FunctionOptions): Record<string, ResourceBase> {
  const { system, description, timeout, environment, statements, memory = 512, deadLetters } = options;
  // The ARN of a log group ends in `:*`: its streams.
  const own = [allow('Logs', ['logs:CreateLogStream', 'logs:PutLogEvents'], Fn.GetAtt(`${name}Logs`, 'Arn'))];
  if (deadLetters) own.push(allow('DeadLetters', ['sqs:SendMessage'], deadLetters));

  return {
    [name]: new Lambda.Function({
      Description: description,
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      Code: functionCode(name),
      Role: Fn.GetAtt(`${name}Role`, 'Arn'),
      MemorySize: memory,
      Timeout: timeout,
      Environment: { Variables: { ...environment } },
      LoggingConfig: { LogGroup: Fn.Ref(`${name}Logs`) },
      ...(deadLetters && { DeadLetterConfig: { TargetArn: deadLetters } }),
    }),
    // The policy is inline, because only an inline one is there as soon as the role is.
    [`${name}Role`]: new IAM.Role({
      Description: `${system}: ${name}`,
      PermissionsBoundary: permissionsBoundary,
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      },
      Policies: [
        {
          PolicyName: system,
          PolicyDocument: { Version: '2012-10-17', Statement: [...statements, ...own] },
        },
      ],
    }),
    [`${name}Logs`]: new Logs.LogGroup({
      LogGroupName: Fn.Join('/', [`/${system}`, Fn.Ref('Stage'), name.toLowerCase()]),
      RetentionInDays: Fn.Ref('LogRetentionInDays'),
    }),
  };
}
