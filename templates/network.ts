import { EC2, Fn, Refs } from 'cloudform';
import type { ResourceBase, Value } from 'cloudform';

import { after, arn, nameTag } from './names.ts';
import { postsTable } from './table.ts';

const [byTime] = postsTable.GlobalSecondaryIndexes;
const tableArn = arn('dynamodb', ['table/', Fn.Ref('Table')]);

/** Everybody may, as far as the endpoint is concerned: who may is the role's business. */
function allow(Action: string[], Resource: Value<string>[]) {
  return { Effect: 'Allow', Principal: '*', Action, Resource };
}

const toBuckets = [
  // Photos themselves go to and from browsers.
  allow(['s3:DeleteObject', 's3:DeleteObjectVersion'], [arn('s3', [Fn.Ref('Bucket'), '/*'], 'global')]),
  allow(['s3:ListBucketVersions'], [arn('s3', [Fn.Ref('Bucket')], 'global')]),
  allow(['s3:DeleteObject'], [arn('s3', [Fn.Ref('Renditions'), '/*'], 'global')]),
  allow(['s3:ListBucket'], [arn('s3', [Fn.Ref('Renditions')], 'global')]),
  allow(['s3:GetObject'], [arn('s3', [Fn.Ref('ArtifactsBucket'), '/server/*'], 'global')]),
  // The repositories of Amazon Linux 2023 are a bucket too, read without credentials: without this dnf gets 403 for
  // everything.
  allow(
    ['s3:GetObject'],
    [Fn.Join('', ['arn:', Refs.Partition, ':s3:::al2023-repos-', Refs.Region, '-de612dc2/*'])],
  ),
];

const toTable = [
  allow(
    ['PutItem', 'GetItem', 'BatchGetItem', 'Query', 'UpdateItem', 'DeleteItem'].map(
      (action) => `dynamodb:${action}`,
    ),
    [tableArn, Fn.Join('', [tableArn, `/index/${byTime.IndexName}`])],
  ),
];

/** Whatever the account has in front, unless somebody has looked: not every zone takes a load balancer. */
function zone(index: 0 | 1) {
  return Fn.If('HasZones', Fn.Ref(index === 0 ? 'ZoneA' : 'ZoneB'), Fn.Select(index, Fn.GetAZs('')));
}

function subnet(index: 0 | 1): EC2.Subnet {
  return new EC2.Subnet({
    VpcId: Fn.Ref('Vpc'),
    AvailabilityZone: zone(index),
    CidrBlock: `10.0.${index}.0/24`,
    MapPublicIpOnLaunch: true,
  });
}

function association(subnetId: string): EC2.SubnetRouteTableAssociation {
  return new EC2.SubnetRouteTableAssociation({
    RouteTableId: Fn.Ref('PublicRoutes'),
    SubnetId: Fn.Ref(subnetId),
  }).dependsOn(['PublicRoute', 'ToBuckets', 'ToTable']);
}

/** A gateway endpoint costs nothing, and keeps photos and posts off the internet. */
function endpoint(service: 's3' | 'dynamodb', Statement: ReturnType<typeof allow>[]): EC2.VPCEndpoint {
  return new EC2.VPCEndpoint({
    VpcId: Fn.Ref('Vpc'),
    VpcEndpointType: 'Gateway',
    ServiceName: Fn.Join('.', ['com.amazonaws', Refs.Region, service]),
    RouteTableIds: [Fn.Ref('PublicRoutes')],
    PolicyDocument: { Version: '2012-10-17', Statement },
  });
}

const resources = {
  Vpc: new EC2.VPC({
    CidrBlock: '10.0.0.0/16',
    EnableDnsSupport: true,
    EnableDnsHostnames: true,
    Tags: nameTag,
  }),
  Internet: new EC2.InternetGateway(),
  InternetAttachment: new EC2.VPCGatewayAttachment({
    VpcId: Fn.Ref('Vpc'),
    InternetGatewayId: Fn.Ref('Internet'),
  }),
  SubnetA: subnet(0),
  SubnetB: subnet(1),
  PublicRoutes: new EC2.RouteTable({ VpcId: Fn.Ref('Vpc') }),
  PublicRoute: new EC2.Route({
    RouteTableId: Fn.Ref('PublicRoutes'),
    DestinationCidrBlock: '0.0.0.0/0',
    GatewayId: Fn.Ref('Internet'),
  }).dependsOn('InternetAttachment'),
  SubnetAPublic: association('SubnetA'),
  SubnetBPublic: association('SubnetB'),
  ToBuckets: endpoint('s3', toBuckets),
  ToTable: endpoint('dynamodb', toTable),
} satisfies Record<string, ResourceBase>;

/** Two public subnets and no NAT gateway: made unless a VPC is given. */
export function network(): Record<string, ResourceBase> {
  return Object.fromEntries(
    Object.entries(resources).map(([name, resource]) => [name, resource.condition('OwnVpc')]),
  );
}

export const vpcId = Fn.If('OwnVpc', Fn.Ref('Vpc'), Fn.Ref('VpcId'));

/**
 * A subnet of ours has its way out before anything is put into it: without one an instance starts its user data
 * offline, and an internet-facing load balancer is refused.
 */
const routed = (subnetId: string) => after([Fn.Ref(`${subnetId}Public`)], Fn.Ref(subnetId));

export const subnetIds = Fn.If('OwnVpc', [routed('SubnetA'), routed('SubnetB')], Fn.Ref('SubnetIds'));
