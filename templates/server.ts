import { Fn } from 'cloudform';
import type { ResourceBase, Template } from 'cloudform';

import { alarm, alarmTopic } from './alarms.ts';
import { fleet } from './fleet.ts';
import { artifactsBucket } from './function-code.ts';
import { serverLogs } from './instance/units.ts';
import { loadBalancer } from './load-balancer.ts';
import { network, vpcId } from './network.ts';
import { domainParameter, sharedParameters } from './parameters.ts';

const given = (parameter: string) => Fn.Not(Fn.Equals(Fn.Ref(parameter), ''));

/** Named as the outputs of the serverless stack, which are handed over by name. */
const fromServerless = {
  Bucket: { Type: 'String', Description: 'Photos', AllowedPattern: '^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$' },
  Renditions: {
    Type: 'String',
    Description: 'What photos are shown as',
    AllowedPattern: '^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$',
  },
  Table: { Type: 'String', Description: 'Posts', AllowedPattern: '^([A-Za-z0-9_.-]{3,255})$' },
  RoleName: {
    Type: 'String',
    Description: 'Role of the instances, for the profile that is made unless one is given',
  },
};

/** Of a user pool; `none` where names are believed. */
const ofPool = (Description: string) => ({
  Type: 'String',
  Default: 'none',
  Description,
  AllowedPattern: '^(none|[A-Za-z0-9.:/_-]+)$',
});

const parameters = {
  ...sharedParameters,
  ...fromServerless,
  ...artifactsBucket,
  BundleKey: {
    Type: 'String',
    Description:
      'Key of the server bundle in the artifacts bucket; it names its hash, so a new bundle rolls the fleet',
    AllowedPattern: '^(server/[A-Za-z0-9._-]+)$',
  },
  BundleSha256: {
    Type: 'String',
    Description: 'What the bundle must hash to before it is unpacked',
    AllowedPattern: '^([0-9a-f]{64})$',
  },
  InstanceProfile: {
    Type: 'String',
    Default: '',
    Description: 'An existing instance profile; without it one is made for RoleName',
    AllowedPattern: '^([A-Za-z0-9+=,.@_-]*)$',
  },
  // No default for what may be empty and is otherwise an id: AWS's validator would take the empty string for a
  // malformed one.
  VpcId: {
    Type: 'String',
    Description: 'An existing VPC; empty: one is made',
    AllowedPattern: '^(|vpc-[0-9a-f]+)$',
  },
  SubnetIds: {
    Type: 'CommaDelimitedList',
    Description: 'At least two public subnets of VpcId in different zones; empty with an empty VpcId',
    AllowedPattern: '^(|subnet-[0-9a-f]+)$',
  },
  CertificateArn: {
    Type: 'String',
    Default: '',
    Description: 'A certificate of ACM in this region: HTTPS on 443 and a redirect from 80',
    AllowedPattern: '^(|arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+)$',
  },
  Domain: domainParameter,
  JwtIssuer: ofPool('Who signs the tokens of users'),
  JwtAudience: ofPool('Client whose tokens are accepted'),
  JwtSignIn: ofPool('Where users sign in'),
  HostedZoneId: {
    Type: 'String',
    Default: '',
    Description: 'Public hosted zone of Domain in this account; without it the record is made elsewhere',
    AllowedPattern: '^(|Z[A-Z0-9]+)$',
  },
  ZoneA: {
    Type: 'String',
    Default: '',
    Description:
      'Zone of the first subnet; without it the first of the region. deploy.ts looks for one that has all',
    AllowedPattern: '^(|[a-z]{2}(-[a-z]+)+-[0-9][a-z])$',
  },
  ZoneB: {
    Type: 'String',
    Default: '',
    Description: 'Zone of the second subnet; given with ZoneA',
    AllowedPattern: '^(|[a-z]{2}(-[a-z]+)+-[0-9][a-z])$',
  },
  MinSize: { Type: 'Number', Default: 1, MinValue: 1, Description: 'Fewest instances' },
  MaxSize: {
    Type: 'Number',
    Default: 4,
    MinValue: 2,
    Description: 'Most instances; a rolling update needs room for one beside the one in service',
  },
  // 2 GiB: dnf and Node side by side leave little of a t4g.micro's one, and its CPU baseline is twice that.
  InstanceType: {
    Type: 'String',
    Default: 't4g.small',
    Description: 'Type of the instances; ImageId must be of its architecture',
    AllowedPattern: '^([a-z][a-z0-9-]*\\.[a-z0-9-]+)$',
  },
  ImageId: {
    Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>',
    Default: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
    Description: 'SSM parameter that names the image: the newest Amazon Linux 2023',
  },
  AllowCidr: {
    Type: 'String',
    Default: '0.0.0.0/0',
    Description: 'IPv4 addresses that may reach the site',
    AllowedPattern: '^(([0-9]{1,3}\\.){3}[0-9]{1,3}/[0-9]{1,2})$',
  },
};

const loadBalancerDimension = {
  Name: 'LoadBalancer',
  Value: Fn.GetAtt('LoadBalancer', 'LoadBalancerFullName'),
};
const targetsDimension = { Name: 'TargetGroup', Value: Fn.GetAtt('Targets', 'TargetGroupFullName') };

function alarms(): Record<string, ResourceBase> {
  const fromAlb = { Namespace: 'AWS/ApplicationELB', Dimensions: [loadBalancerDimension] };
  return {
    AlarmTopic: alarmTopic(),
    ServerErrorsAlarm: alarm(
      {
        ...fromAlb,
        AlarmDescription: 'The server answers 5xx',
        MetricName: 'HTTPCode_Target_5XX_Count',
        Statistic: 'Sum',
        Threshold: 5,
      },
      3,
    ),
    LoadBalancerErrorsAlarm: alarm(
      {
        ...fromAlb,
        AlarmDescription: 'The load balancer answers 5xx itself: no instance takes its requests',
        MetricName: 'HTTPCode_ELB_5XX_Count',
        Statistic: 'Sum',
        Threshold: 5,
      },
      3,
    ),
    UnhealthyHostsAlarm: alarm(
      {
        ...fromAlb,
        AlarmDescription: 'An instance does not answer /health',
        MetricName: 'UnHealthyHostCount',
        Dimensions: [loadBalancerDimension, targetsDimension],
        Statistic: 'Maximum',
        Threshold: 1,
      },
      10,
    ),
  };
}

/**
 * The stack that answers HTTP: network, load balancer, instances. It holds no data, and may be deleted and made
 * again.
 */
export function server(): Template {
  const dnsName = Fn.GetAtt('LoadBalancer', 'DNSName');
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Postagram: network, load balancer and instances',
    Parameters: parameters,
    Conditions: {
      OwnVpc: Fn.Equals(Fn.Ref('VpcId'), ''),
      OwnProfile: Fn.Equals(Fn.Ref('InstanceProfile'), ''),
      HasCertificate: given('CertificateArn'),
      HasAlarms: given('AlarmEmail'),
      HasAccounts: Fn.Not(Fn.Equals(Fn.Ref('JwtIssuer'), 'none')),
      HasDomain: given('Domain'),
      HasHostedZone: given('HostedZoneId'),
      HasZones: given('ZoneA'),
      RecordElsewhere: Fn.And([given('Domain'), Fn.Equals(Fn.Ref('HostedZoneId'), '')]),
    },
    Resources: { ...network(), ...loadBalancer(), ...fleet(), ServerLogs: serverLogs(), ...alarms() },
    Outputs: {
      Url: {
        Description: 'The site',
        Value: Fn.Join('', [
          Fn.If('HasCertificate', 'https://', 'http://'),
          Fn.If('HasDomain', Fn.Ref('Domain'), dnsName),
        ]),
      },
      RecordToMake: {
        Description: 'What leads the name of the site here',
        Condition: 'RecordElsewhere',
        Value: Fn.Join(' ', [Fn.Ref('Domain'), 'CNAME', dnsName]),
      },
      LoadBalancerName: { Description: 'What a name of your own points at', Value: dnsName },
      FleetName: { Description: 'Auto Scaling group of the instances', Value: Fn.Ref('Fleet') },
      ServerLogGroup: { Description: 'What the servers log', Value: Fn.Ref('ServerLogs') },
      NetworkId: { Description: 'VPC of the instances', Value: vpcId },
    },
  };
}
