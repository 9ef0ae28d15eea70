import { Fn, IAM } from 'cloudform';
import type { Value } from 'cloudform';

import { arn, imageBucketName, renditionsBucketName } from './names.ts';
import { permissionsBoundary } from './parameters.ts';
import { postsTable } from './table.ts';

const [byTime] = postsTable.GlobalSecondaryIndexes;

function allow(Sid: string, Action: string[], Resource: Value<string> | Value<string>[]) {
  return { Sid, Effect: 'Allow', Action, Resource };
}

/**
 * What the server, the labeler and an instance may do, one statement for each resource: no two overlap, so that
 * taking any one away takes something away.
 */
const statements = [
  allow(
    'Posts',
    ['PutItem', 'GetItem', 'BatchGetItem', 'Query', 'UpdateItem', 'DeleteItem'].map(
      (action) => `dynamodb:${action}`,
    ),
    Fn.GetAtt('PostsTable', 'Arn'),
  ),
  allow(
    'PostsByTime',
    ['dynamodb:Query'],
    Fn.Join('', [Fn.GetAtt('PostsTable', 'Arn'), `/index/${byTime.IndexName}`]),
  ),
  // GetObject also covers HeadObject. The versions: of the labeler, of Rekognition, which reads on its
  // behalf, and of every delete, for which DeleteObjects wants both rights:
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
  allow(
    'Images',
    ['s3:PutObject', 's3:GetObject', 's3:GetObjectVersion', 's3:DeleteObject', 's3:DeleteObjectVersion'],
    arn('s3', [imageBucketName, '/*'], 'global'),
  ),
  // Without ListBucket a missing object is a 403, not a 404.
  allow('ImageNames', ['s3:ListBucket', 's3:ListBucketVersions'], arn('s3', [imageBucketName], 'global')),
  allow(
    'Renditions',
    ['s3:PutObject', 's3:GetObject', 's3:DeleteObject'],
    arn('s3', [renditionsBucketName, '/*'], 'global'),
  ),
  allow('RenditionNames', ['s3:ListBucket'], arn('s3', [renditionsBucketName], 'global')),
  // Not the code of functions, which Lambda fetches with the rights of whoever deploys.
  allow('Bundles', ['s3:GetObject'], arn('s3', [Fn.Ref('ArtifactsBucket'), '/server/*'], 'global')),
  // DetectLabels knows no resources.
  allow('Labels', ['rekognition:DetectLabels'], '*'),
  // The ARN of a log group ends in `:*`: its streams.
  allow('LabelerLogs', ['logs:CreateLogStream', 'logs:PutLogEvents'], Fn.GetAtt('LabelerLogs', 'Arn')),
  allow('DeadLetters', ['sqs:SendMessage'], Fn.GetAtt('DeadLetters', 'Arn')),
  // Session Manager in place of SSH: the least it documents. These actions know no resources either.
  allow(
    'SessionManager',
    [
      'ssm:UpdateInstanceInformation',
      'ssmmessages:CreateControlChannel',
      'ssmmessages:CreateDataChannel',
      'ssmmessages:OpenControlChannel',
      'ssmmessages:OpenDataChannel',
    ],
    '*',
  ),
  // By name: the server stack makes it. The reference says that a stream is made in the group's own ARN, AWS's refusals
  // say that it is one of the streams.
  allow(
    'ServerLogs',
    ['logs:CreateLogStream', 'logs:PutLogEvents'],
    ['/server', '/server:*'].map((end) => arn('logs', ['log-group:/postagram/', Fn.Ref('Stage'), end])),
  ),
];

/**
 * The one role of labeler and instances. Its policy is inline, because Lambda refuses a function whose role cannot
 * yet send to its dead letter queue, and only an inline policy is there as soon as the role is.
 */
export function sharedRole(): IAM.Role {
  return new IAM.Role({
    PermissionsBoundary: permissionsBoundary,
    Description: 'Postagram: labeler and server instances',
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: ['ec2.amazonaws.com', 'lambda.amazonaws.com'] },
          Action: 'sts:AssumeRole',
        },
      ],
    },
    Policies: [{ PolicyName: 'postagram', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
  });
}
