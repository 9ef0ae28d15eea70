import { deepEqual, equal, match, ok } from 'node:assert/strict';

import { at, change, idsOf, madeBefore } from '../stacks.ts';
import type { Json, Stack } from '../stacks.ts';
import { cloudFormation } from './point.ts';
import type { Point } from './point.ts';

const vpc = 'https://docs.aws.amazon.com/vpc/latest';
const elb = 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application';

const subnets = {
  'Fn::If': [
    'OwnVpc',
    ['A', 'B'].map((zone) => ({
      'Fn::Select': [0, [{ Ref: `Subnet${zone}` }, { Ref: `Subnet${zone}Public` }]],
    })),
    { Ref: 'SubnetIds' },
  ],
};

function from(port: number) {
  return { IpProtocol: 'tcp', FromPort: port, ToPort: port, CidrIp: { Ref: 'AllowCidr' } };
}

/** Resources that each endpoint lets through, statement by statement. */
function letThrough(stack: Stack, endpoint: string): string[] {
  const statements = at(stack, `${endpoint}.Properties.PolicyDocument.Statement`);
  return (Array.isArray(statements) ? statements : []).map((statement) => JSON.stringify(statement));
}

/** The network, and what goes in and out of it. */
export const network: Point[] = [
  {
    claim:
      'Two public subnets in the two zones that were found, else in the first two, or the subnets that were given',
    documentation: `${elb}/application-load-balancers.html#subnets-load-balancer`,
    check: ({ server }) => {
      deepEqual(at(server, 'LoadBalancer.Properties.Subnets'), subnets);
      deepEqual(at(server, 'Fleet.Properties.VPCZoneIdentifier'), subnets);
      const zones = ['SubnetA', 'SubnetB'].map((id) => at(server, `${id}.Properties.AvailabilityZone`));
      deepEqual(
        zones,
        ['ZoneA', 'ZoneB'].map((given, zone) => ({
          'Fn::If': ['HasZones', { Ref: given }, { 'Fn::Select': [zone, { 'Fn::GetAZs': '' }] }],
        })),
      );
      deepEqual(server.Conditions['HasZones'], { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'ZoneA' }, ''] }] });
    },
    spoil: ({ server }) =>
      change(
        server,
        'SubnetB.Properties.AvailabilityZone',
        at(server, 'SubnetA.Properties.AvailabilityZone'),
      ),
  },
  {
    claim: 'Instances and load balancer are made after the way to the internet: gateway, route, associations',
    documentation: `${cloudFormation}/aws-attribute-dependson.html#gatewayattachment`,
    check: ({ server }) => {
      for (const id of ['Fleet', 'LoadBalancer']) {
        const before = madeBefore(server, id);
        for (const way of ['InternetAttachment', 'PublicRoute', 'SubnetAPublic', 'SubnetBPublic'])
          ok(before.has(way), `${id} after ${way}`);
      }
    },
    spoil: ({ server }) => change(server, 'PublicRoute.DependsOn', undefined),
  },
  {
    claim: 'Instances are made after the endpoints: a route that changes under an open connection cuts it',
    documentation: `${vpc}/privatelink/gateway-endpoints.html`,
    check: ({ server }) => {
      const before = madeBefore(server, 'Fleet');
      equal(before.has('ToBuckets') && before.has('ToTable'), true);
    },
    spoil: ({ server }) => {
      for (const id of ['SubnetAPublic', 'SubnetBPublic']) change(server, `${id}.DependsOn`, ['PublicRoute']);
    },
  },
  {
    claim: 'No NAT gateway: instances have public addresses',
    documentation: `${vpc}/userguide/vpc-internet-gateway.html`,
    check: ({ server }) => {
      deepEqual(idsOf(server, 'AWS::EC2::NatGateway'), []);
      const card = 'LaunchTemplate.Properties.LaunchTemplateData.NetworkInterfaces.0';
      equal(at(server, `${card}.AssociatePublicIpAddress`), true);
    },
    spoil: ({ server }) =>
      change(
        server,
        'LaunchTemplate.Properties.LaunchTemplateData.NetworkInterfaces.0.AssociatePublicIpAddress',
        false,
      ),
  },
  {
    claim: 'The S3 endpoint lets dnf read the repositories of Amazon Linux 2023, without credentials',
    documentation: 'https://docs.aws.amazon.com/linux/al2023/ug/managing-repos-os-updates.html',
    check: ({ server }) => {
      const repositories: Json = [
        'arn:',
        { Ref: 'AWS::Partition' },
        ':s3:::al2023-repos-',
        { Ref: 'AWS::Region' },
        '-de612dc2/*',
      ];
      const statement = {
        Effect: 'Allow',
        Principal: '*',
        Action: ['s3:GetObject'],
        Resource: [{ 'Fn::Join': ['', repositories] }],
      };
      equal(letThrough(server, 'ToBuckets').includes(JSON.stringify(statement)), true);
    },
    spoil: ({ server }) => change(server, 'ToBuckets.Properties.PolicyDocument.Statement.5', 'gone'),
  },
  {
    claim: 'The endpoints let through what the server does with its own buckets and table, and nothing else',
    documentation: `${vpc}/privatelink/vpc-endpoints-access.html`,
    check: ({ server }) => {
      const [images = '', names = '', renditions = '', renditionNames = '', bundles = '', ...repositories] =
        letThrough(server, 'ToBuckets');
      match(images, /"Action":\["s3:DeleteObject","s3:DeleteObjectVersion"\].*\{"Ref":"Bucket"\},"\/\*"/);
      match(names, /"Action":\["s3:ListBucketVersions"\]/);
      match(renditions, /"Action":\["s3:DeleteObject"\].*\{"Ref":"Renditions"\},"\/\*"/);
      match(renditionNames, /"Action":\["s3:ListBucket"\].*\{"Ref":"Renditions"\}/);
      equal(bundles.includes('{"Ref":"ArtifactsBucket"},"/server/*"'), true);
      equal(repositories.length, 1);
      const [posts = '', ...others] = letThrough(server, 'ToTable');
      for (const action of ['PutItem', 'GetItem', 'Query', 'UpdateItem', 'DeleteItem'])
        equal(posts.includes(`dynamodb:${action}`), true, action);
      match(posts, /\/index\/by-time"/);
      equal(others.length, 0);
    },
    spoil: ({ server }) =>
      change(server, 'ToTable.Properties.PolicyDocument.Statement.0.Action', ['dynamodb:PutItem']),
  },
  {
    claim: 'Only the load balancer reaches the instances, and only on 8080: no SSH and no key',
    documentation: `${elb}/load-balancer-update-security-groups.html`,
    check: ({ server }) => {
      deepEqual(at(server, 'FleetAccess.Properties.SecurityGroupIngress'), [
        {
          IpProtocol: 'tcp',
          FromPort: 8080,
          ToPort: 8080,
          SourceSecurityGroupId: { 'Fn::GetAtt': ['PublicAccess', 'GroupId'] },
        },
      ]);
      deepEqual(at(server, 'LaunchTemplate.Properties.LaunchTemplateData.NetworkInterfaces.0.Groups'), [
        { 'Fn::GetAtt': ['FleetAccess', 'GroupId'] },
      ]);
      equal(at(server, 'LaunchTemplate.Properties.LaunchTemplateData.KeyName'), undefined);
      deepEqual(idsOf(server, 'AWS::EC2::SecurityGroupIngress'), []);
    },
    spoil: ({ server }) => change(server, 'FleetAccess.Properties.SecurityGroupIngress.0.FromPort', 22),
  },
  {
    claim:
      'The world, or the addresses that were allowed, reaches the load balancer on 80, and on 443 with a certificate',
    documentation: `${cloudFormation}/aws-resource-ec2-securitygroup.html`,
    check: ({ server }) => {
      deepEqual(at(server, 'PublicAccess.Properties.SecurityGroupIngress'), {
        'Fn::If': ['HasCertificate', [from(80), from(443)], [from(80)]],
      });
    },
    spoil: ({ server }) =>
      change(server, 'PublicAccess.Properties.SecurityGroupIngress.Fn::If.2.0.CidrIp', '0.0.0.0/0'),
  },
];
