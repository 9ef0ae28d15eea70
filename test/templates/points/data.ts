import { deepEqual, equal } from 'node:assert/strict';

import { imageBucketCors, renditionsBucketCors } from '../../../templates/image-bucket.ts';
import { postsTable } from '../../../templates/table.ts';
import { at, change, idsOf } from '../stacks.ts';
import { cloudFormation } from './point.ts';
import type { Point } from './point.ts';

/** What must not be lost, closed to the public. */
export const data: Point[] = [
  {
    claim: 'Posts and photos outlive their stack, not the roll-back of the deployment that made them',
    documentation: `${cloudFormation}/aws-attribute-deletionpolicy.html`,
    check: ({ serverless }) => {
      for (const id of ['PostsTable', 'ImageBucket', 'RenditionsBucket'])
        equal(at(serverless, `${id}.DeletionPolicy`), 'RetainExceptOnCreate');
    },
    spoil: ({ serverless }) => change(serverless, 'ImageBucket.DeletionPolicy', undefined),
  },
  {
    claim: 'A change that replaces the table or a bucket leaves the old one',
    documentation: `${cloudFormation}/aws-attribute-updatereplacepolicy.html`,
    check: ({ serverless }) => {
      for (const id of ['PostsTable', 'ImageBucket', 'RenditionsBucket'])
        equal(at(serverless, `${id}.UpdateReplacePolicy`), 'Retain');
    },
    spoil: ({ serverless }) => change(serverless, 'PostsTable.UpdateReplacePolicy', undefined),
  },
  {
    claim: 'The table has no name, so that a change which replaces it can be made',
    documentation: `${cloudFormation}/aws-properties-name.html`,
    check: ({ serverless }) => equal(at(serverless, 'PostsTable.Properties.TableName'), undefined),
    spoil: ({ serverless }) => change(serverless, 'PostsTable.Properties.TableName', 'posts'),
  },
  {
    claim: 'Keys and indexes of the table are those that the local database has',
    documentation: `${cloudFormation}/aws-resource-dynamodb-table.html`,
    check: ({ serverless }) => {
      for (const part of ['KeySchema', 'AttributeDefinitions', 'GlobalSecondaryIndexes'] as const)
        deepEqual(at(serverless, `PostsTable.Properties.${part}`), postsTable[part]);
    },
    spoil: ({ serverless }) =>
      change(
        serverless,
        'PostsTable.Properties.GlobalSecondaryIndexes.0.Projection.ProjectionType',
        'KEYS_ONLY',
      ),
  },
  {
    claim: 'The table is paid by request',
    documentation:
      'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html',
    check: ({ serverless }) => {
      equal(at(serverless, 'PostsTable.Properties.BillingMode'), 'PAY_PER_REQUEST');
      equal(at(serverless, 'PostsTable.Properties.ProvisionedThroughput'), undefined);
    },
    spoil: ({ serverless }) => change(serverless, 'PostsTable.Properties.BillingMode', 'PROVISIONED'),
  },
  {
    claim: 'The table can be restored to any second of the last 35 days',
    documentation:
      'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html',
    check: ({ serverless }) =>
      equal(
        at(serverless, 'PostsTable.Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled'),
        true,
      ),
    spoil: ({ serverless }) =>
      change(serverless, 'PostsTable.Properties.PointInTimeRecoverySpecification', undefined),
  },
  {
    claim: 'No bucket can be made public',
    documentation:
      'https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html',
    check: ({ serverless }) => {
      for (const id of idsOf(serverless, 'AWS::S3::Bucket'))
        deepEqual(at(serverless, `${id}.Properties.PublicAccessBlockConfiguration`), {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        });
    },
    spoil: ({ serverless }) =>
      change(serverless, 'ImageBucket.Properties.PublicAccessBlockConfiguration.BlockPublicPolicy', false),
  },
  {
    claim: 'Every bucket encrypts what it holds',
    documentation: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html',
    check: ({ serverless }) => {
      const rule = 'ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm';
      for (const id of idsOf(serverless, 'AWS::S3::Bucket'))
        equal(at(serverless, `${id}.Properties.BucketEncryption.${rule}`), 'AES256');
    },
    spoil: ({ serverless }) => change(serverless, 'ImageBucket.Properties.BucketEncryption', undefined),
  },
  {
    claim: 'Every bucket refuses requests without TLS',
    documentation: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html',
    check: ({ serverless }) => {
      for (const id of idsOf(serverless, 'AWS::S3::Bucket')) {
        const policy = idsOf(serverless, 'AWS::S3::BucketPolicy')
          .map((name) => serverless.Resources[name]?.Properties)
          .find((properties) => JSON.stringify(properties?.['Bucket']) === JSON.stringify({ Ref: id }));
        const bucket = { 'Fn::GetAtt': [id, 'Arn'] };
        deepEqual(policy?.['PolicyDocument'], {
          Version: '2012-10-17',
          Statement: [
            {
              Sid: 'TlsOnly',
              Effect: 'Deny',
              Principal: '*',
              Action: 's3:*',
              Resource: [bucket, { 'Fn::Join': ['', [bucket, '/*']] }],
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            },
          ],
        });
      }
    },
    spoil: ({ serverless }) =>
      change(serverless, 'ImageBucketPolicy.Properties.PolicyDocument.Statement.0.Condition', undefined),
  },
  {
    claim: 'What is uploaded over a photo that was labelled is another version',
    documentation: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html',
    check: ({ serverless }) =>
      equal(at(serverless, 'ImageBucket.Properties.VersioningConfiguration.Status'), 'Enabled'),
    spoil: ({ serverless }) =>
      change(serverless, 'ImageBucket.Properties.VersioningConfiguration.Status', 'Suspended'),
  },
  {
    claim: 'A version that nobody shows or removes is gone after 30 days, not while its event may wait',
    documentation:
      'https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configuration-examples.html',
    check: ({ serverless }) => {
      const rules = at(serverless, 'ImageBucket.Properties.LifecycleConfiguration.Rules');
      deepEqual(Array.isArray(rules) && rules[1], {
        Id: 'old-versions',
        Status: 'Enabled',
        NoncurrentVersionExpiration: { NoncurrentDays: 30 },
        ExpiredObjectDeleteMarker: true,
      });
    },
    spoil: ({ serverless }) =>
      change(serverless, 'ImageBucket.Properties.LifecycleConfiguration.Rules.1.Status', 'Disabled'),
  },
  {
    claim: 'Browsers of the configured origins may PUT with a content type: CORS of the image bucket',
    documentation: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html',
    check: ({ serverless }) =>
      deepEqual(at(serverless, 'ImageBucket.Properties.CorsConfiguration.CorsRules'), [
        { AllowedOrigins: { Ref: 'CorsOrigins' }, ...imageBucketCors },
      ]),
    spoil: ({ serverless }) =>
      change(serverless, 'ImageBucket.Properties.CorsConfiguration.CorsRules.0.AllowedHeaders', []),
  },
  {
    claim: 'Pages of the configured origins may read renditions, and nothing that was uploaded',
    documentation: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html',
    check: ({ serverless }) => {
      const { AllowedMethods, ExposedHeaders, MaxAge } = renditionsBucketCors;
      deepEqual(at(serverless, 'RenditionsBucket.Properties.CorsConfiguration.CorsRules'), [
        { AllowedOrigins: { Ref: 'CorsOrigins' }, AllowedMethods, ExposedHeaders, MaxAge },
      ]);
      deepEqual(at(serverless, 'ImageBucket.Properties.CorsConfiguration.CorsRules.0.AllowedMethods'), [
        'PUT',
      ]);
    },
    spoil: ({ serverless }) =>
      change(serverless, 'RenditionsBucket.Properties.CorsConfiguration.CorsRules.0.AllowedMethods', ['PUT']),
  },
  {
    claim: 'Renditions tell nobody that they were written: what the labeler writes does not start it',
    documentation: 'https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html',
    check: ({ serverless }) =>
      equal(at(serverless, 'RenditionsBucket.Properties.NotificationConfiguration'), undefined),
    spoil: ({ serverless }) =>
      change(serverless, 'RenditionsBucket.Properties.NotificationConfiguration', {
        LambdaConfigurations: [
          { Event: 's3:ObjectCreated:*', Function: { 'Fn::GetAtt': ['Labeler', 'Arn'] } },
        ],
      }),
  },
];
