import { deepEqual, equal, ok } from 'node:assert/strict';

import { allOf, at, change, idsOf } from '../stacks.ts';
import type { Stack } from '../stacks.ts';
import type { Point } from './point.ts';

const iam = 'https://docs.aws.amazon.com/IAM/latest/UserGuide';

/** Actions that name no resource, as the service authorization reference has it: all that `*` may be given for. */
const withoutResource = [
  'rekognition:DetectLabels',
  'ssm:UpdateInstanceInformation',
  'ssmmessages:CreateControlChannel',
  'ssmmessages:CreateDataChannel',
  'ssmmessages:OpenControlChannel',
  'ssmmessages:OpenDataChannel',
];

interface Statement {
  Effect: string;
  Action: string[];
  Resource: unknown;
}

function statements(stack: Stack): Statement[] {
  // The role's own policy, of the form that templates/role.ts writes.
  return at(stack, 'Role.Properties.Policies.0.PolicyDocument.Statement') as unknown as Statement[];
}

/** What a role says of its boundary. */
export const bounded = { 'Fn::If': ['HasBoundary', { Ref: 'PermissionsBoundary' }, { Ref: 'AWS::NoValue' }] };

const iamResources = (stack: Stack) =>
  Object.values(stack.Resources).filter(({ Type }) => Type.startsWith('AWS::IAM::'));

/** Who may do what. */
export const access: Point[] = [
  {
    claim: 'The role is for Lambda and EC2, and nobody else',
    documentation: `${iam}/reference_policies_elements_principal.html`,
    check: ({ serverless }) =>
      deepEqual(at(serverless, 'Role.Properties.AssumeRolePolicyDocument.Statement'), [
        {
          Effect: 'Allow',
          Principal: { Service: ['ec2.amazonaws.com', 'lambda.amazonaws.com'] },
          Action: 'sts:AssumeRole',
        },
      ]),
    spoil: ({ serverless }) =>
      change(serverless, 'Role.Properties.AssumeRolePolicyDocument.Statement.0.Principal', { AWS: '*' }),
  },
  {
    claim: 'The role names every action in full',
    documentation: `${iam}/reference_policies_elements_action.html`,
    check: ({ serverless }) => {
      for (const { Effect, Action } of statements(serverless)) {
        equal(Effect, 'Allow');
        ok(!Action.join().includes('*'), Action.join());
      }
    },
    spoil: ({ serverless }) =>
      change(serverless, 'Role.Properties.Policies.0.PolicyDocument.Statement.6.Action', ['s3:Get*']),
  },
  {
    claim: 'Photos are read and deleted by their version, which needs rights of its own',
    documentation: 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html',
    check: ({ serverless }) => {
      const [, , photos, names] = statements(serverless);
      deepEqual(photos?.Action, [
        's3:PutObject',
        's3:GetObject',
        's3:GetObjectVersion',
        's3:DeleteObject',
        's3:DeleteObjectVersion',
      ]);
      deepEqual(names?.Action, ['s3:ListBucket', 's3:ListBucketVersions']);
    },
    spoil: ({ serverless }) =>
      change(serverless, 'Role.Properties.Policies.0.PolicyDocument.Statement.2.Action', [
        's3:PutObject',
        's3:GetObject',
        's3:DeleteObject',
      ]),
  },
  {
    claim: 'The role names every resource, but for actions that know none',
    documentation:
      'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrekognition.html',
    check: ({ serverless }) => {
      for (const { Action, Resource } of statements(serverless))
        if (Resource === '*')
          deepEqual(
            Action.filter((action) => !withoutResource.includes(action)),
            [],
          );
    },
    spoil: ({ serverless }) =>
      change(serverless, 'Role.Properties.Policies.0.PolicyDocument.Statement.0.Resource', '*'),
  },
  {
    claim: 'With a role and an instance profile given, no IAM resource is made: AWS Academy forbids it',
    documentation:
      'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html',
    check: ({ serverless, server }) => {
      deepEqual(
        iamResources(serverless).map(({ Condition }) => Condition),
        ['OwnRole'],
      );
      deepEqual(
        iamResources(server).map(({ Condition }) => Condition),
        ['OwnProfile'],
      );
      deepEqual(serverless.Conditions['OwnRole'], { 'Fn::Equals': [{ Ref: 'RoleArn' }, ''] });
      deepEqual(server.Conditions['OwnProfile'], { 'Fn::Equals': [{ Ref: 'InstanceProfile' }, ''] });
    },
    spoil: ({ server }) => change(server, 'Profile.Condition', undefined),
  },
  {
    claim: 'IAM resources have no names of ours, so that CAPABILITY_IAM is enough',
    documentation: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html',
    check: (stacks) => {
      for (const stack of allOf(stacks))
        for (const { Properties } of iamResources(stack)) {
          equal(Properties?.['RoleName'], undefined);
          equal(Properties?.['InstanceProfileName'], undefined);
        }
    },
    spoil: ({ serverless }) => change(serverless, 'Role.Properties.RoleName', 'postagram'),
  },
  {
    claim: 'Instances and labeler share one role',
    documentation: `${iam}/id_roles_use_switch-role-ec2_instance-profiles.html`,
    check: ({ serverless, server }) => {
      deepEqual(idsOf(serverless, 'AWS::IAM::Role'), ['Role']);
      deepEqual(at(serverless, 'Labeler.Properties.Role'), serverless.Outputs['RoleArn']?.Value);
      deepEqual(idsOf(server, 'AWS::IAM::Role'), []);
      deepEqual(at(server, 'Profile.Properties.Roles'), [{ Ref: 'RoleName' }]);
    },
    spoil: ({ server }) => change(server, 'Profile.Properties.Roles', ['other']),
  },
  {
    claim: 'Every role has the boundary that is given, without which an account may refuse it',
    documentation: `${iam}/access_policies_boundaries.html`,
    check: ({ serverless, power }) => {
      for (const stack of [serverless, power])
        for (const id of idsOf(stack, 'AWS::IAM::Role'))
          deepEqual(at(stack, `${id}.Properties.PermissionsBoundary`), bounded);
    },
    spoil: ({ power }) => change(power, 'ScheduleRole.Properties.PermissionsBoundary', undefined),
  },
  {
    claim: 'What serverless puts out feeds the parameters of server that have the same name',
    documentation:
      'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html',
    check: ({ serverless, server }) => {
      const shared = Object.keys(server.Parameters).filter((name) => serverless.Outputs[name]);
      deepEqual(shared.toSorted(), [
        'Bucket',
        'JwtAudience',
        'JwtIssuer',
        'JwtSignIn',
        'Renditions',
        'RoleName',
        'Table',
      ]);
    },
    spoil: ({ serverless }) => delete serverless.Outputs['RoleName'],
  },
];
