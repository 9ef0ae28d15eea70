/**
 * What deploy.ts itself asks of AWS: the actions behind each command of the SDK that stands in deploy/. An empty list needs
 * no permission. A test finds commands that are missing here.
 */
export const ownCalls: Readonly<Record<string, readonly string[]>> = {
  GetCallerIdentity: [],

  // CreateChangeSet with tags asks for the right to tag as well.
  CreateChangeSet: ['cloudformation:CreateChangeSet', 'cloudformation:TagResource'],
  DeleteChangeSet: ['cloudformation:DeleteChangeSet'],
  DeleteStack: ['cloudformation:DeleteStack'],
  DescribeChangeSet: ['cloudformation:DescribeChangeSet'],
  DescribeEvents: ['cloudformation:DescribeEvents'],
  DescribeStackEvents: ['cloudformation:DescribeStackEvents'],
  DescribeStackResources: ['cloudformation:DescribeStackResources'],
  DescribeStacks: ['cloudformation:DescribeStacks'],
  ExecuteChangeSet: ['cloudformation:ExecuteChangeSet'],
  GetTemplate: ['cloudformation:GetTemplate'],
  RollbackStack: ['cloudformation:RollbackStack'],
  UpdateTerminationProtection: ['cloudformation:UpdateTerminationProtection'],

  CreateBucket: ['s3:CreateBucket'],
  DeleteBucket: ['s3:DeleteBucket'],
  DeleteObjects: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
  HeadBucket: ['s3:ListBucket'],
  HeadObject: ['s3:GetObject'],
  ListObjectVersions: ['s3:ListBucketVersions'],
  PutBucketEncryption: ['s3:PutEncryptionConfiguration'],
  PutBucketLifecycleConfiguration: ['s3:PutLifecycleConfiguration'],
  PutBucketOwnershipControls: ['s3:PutBucketOwnershipControls'],
  PutBucketPolicy: ['s3:PutBucketPolicy'],
  PutBucketTagging: ['s3:PutBucketTagging'],
  PutObject: ['s3:PutObject'],
  PutPublicAccessBlock: ['s3:PutBucketPublicAccessBlock'],

  DeleteTable: ['dynamodb:DeleteTable', 'dynamodb:DescribeTable'],
  Scan: ['dynamodb:Scan'],

  FilterLogEvents: ['logs:FilterLogEvents'],
  ChangeMessageVisibility: ['sqs:ChangeMessageVisibility'],
  DeleteMessage: ['sqs:DeleteMessage'],
  GetQueueAttributes: ['sqs:GetQueueAttributes'],
  ReceiveMessage: ['sqs:ReceiveMessage'],
  Invoke: ['lambda:InvokeFunction'],

  DescribeAvailabilityZones: ['ec2:DescribeAvailabilityZones'],
  DescribeInstanceTypeOfferings: ['ec2:DescribeInstanceTypeOfferings'],
  ListHostedZonesByName: ['route53:ListHostedZonesByName'],
};

/** The image's parameter is read by CloudFormation, with the rights of whoever asks it. */
export const parameterCalls = ['ssm:GetParameters'] as const;
