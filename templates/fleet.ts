import { AutoScaling, EC2, Fn, IAM } from 'cloudform';
import type { ResourceBase } from 'cloudform';

import { after, nameTag } from './names.ts';
import { subnetIds, vpcId } from './network.ts';
import { userData } from './instance/user-data.ts';

/** Lines of the server's environment, after another: without accounts the script is what it would be without this. */
const signIn = Fn.If(
  'HasAccounts',
  Fn.Sub(
    '\nIDENTITY=jwt\nJWT_ISSUER=${JwtIssuer}\nJWT_AUDIENCE=${JwtAudience}\nJWT_SIGN_IN=${JwtSignIn}',
    {},
  ),
  '',
);

/** The address by which the site is known, where it has a name of its own. */
const publicUrl = Fn.If(
  'HasDomain',
  Fn.Join('', ['\nPUBLIC_URL=', Fn.If('HasCertificate', 'https://', 'http://'), Fn.Ref('Domain')]),
  '',
);

/** Minutes from the launch of an instance to its signal, after which CloudFormation gives up on it. */
const startMinutes = 10;

/** Seconds in which a new instance may be unhealthy. The default of 0 kills every instance before it has started. */
const graceSeconds = 300;

/**
 * Requests a minute that one instance is meant to serve: 200 a second. If one takes 1 ms of CPU, that is half of what
 * a t4g.small does without spending credits (two cores, 20 % of each:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-credits-baseline-concepts.html).
 */
const requestsPerMinute = 12_000;

function launchTemplate(): EC2.LaunchTemplate {
  return new EC2.LaunchTemplate({
    LaunchTemplateData: {
      ImageId: Fn.Ref('ImageId'),
      InstanceType: Fn.Ref('InstanceType'),
      IamInstanceProfile: {
        Name: Fn.If('OwnProfile', Fn.Ref('Profile'), Fn.Ref('InstanceProfile')),
      },
      MetadataOptions: { HttpEndpoint: 'enabled', HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
      BlockDeviceMappings: [
        {
          DeviceName: '/dev/xvda',
          Ebs: { VolumeType: 'gp3', VolumeSize: 8, Encrypted: true, DeleteOnTermination: true },
        },
      ],
      // A public address instead of a NAT gateway: nothing but the load balancer gets through the security group.
      NetworkInterfaces: [
        { DeviceIndex: 0, AssociatePublicIpAddress: true, Groups: [Fn.GetAtt('FleetAccess', 'GroupId')] },
      ],
      TagSpecifications: [
        { ResourceType: 'instance', Tags: nameTag },
        { ResourceType: 'volume', Tags: nameTag },
      ],
      UserData: Fn.Base64(
        Fn.Sub(userData, {
          CorsOriginList: Fn.Join(',', Fn.Ref('CorsOrigins')),
          PublicUrl: publicUrl,
          SignIn: signIn,
        }),
      ),
    },
  });
}

function group(): AutoScaling.AutoScalingGroup {
  return new AutoScaling.AutoScalingGroup({
    MinSize: Fn.Ref('MinSize'),
    MaxSize: Fn.Ref('MaxSize'),
    // No DesiredCapacity: every update would put the fleet back to it, however busy.
    VPCZoneIdentifier: subnetIds,
    TargetGroupARNs: [Fn.Ref('Targets')],
    HealthCheckType: 'ELB',
    HealthCheckGracePeriod: graceSeconds,
    LaunchTemplate: {
      LaunchTemplateId: Fn.Ref('LaunchTemplate'),
      // By number: `$Latest` never changes, and an update that changes nothing rolls nothing.
      Version: Fn.GetAtt('LaunchTemplate', 'LatestVersionNumber'),
    },
  })
    .creationPolicy({ ResourceSignal: { Count: Fn.Ref('MinSize'), Timeout: `PT${startMinutes}M` } })
    .updatePolicy({
      AutoScalingRollingUpdate: {
        MinInstancesInService: 1,
        MaxBatchSize: 1,
        WaitOnResourceSignals: true,
        PauseTime: `PT${startMinutes}M`,
        SuspendProcesses: [
          'HealthCheck',
          'ReplaceUnhealthy',
          'AZRebalance',
          'AlarmNotification',
          'ScheduledActions',
        ],
      },
    });
}

/** The instances: their profile, security group, launch template, group and scaling. */
export function fleet(): Record<string, ResourceBase> {
  return {
    Profile: new IAM.InstanceProfile({ Roles: [Fn.Ref('RoleName')] }).condition('OwnProfile'),
    FleetAccess: new EC2.SecurityGroup({
      GroupDescription: 'Postagram instances: reached by the load balancer alone',
      VpcId: vpcId,
      SecurityGroupIngress: [
        {
          IpProtocol: 'tcp',
          FromPort: 8080,
          ToPort: 8080,
          SourceSecurityGroupId: Fn.GetAtt('PublicAccess', 'GroupId'),
        },
      ],
    }),
    LaunchTemplate: launchTemplate(),
    Fleet: group(),
    Scaling: new AutoScaling.ScalingPolicy({
      AutoScalingGroupName: Fn.Ref('Fleet'),
      PolicyType: 'TargetTrackingScaling',
      EstimatedInstanceWarmup: 120,
      TargetTrackingConfiguration: {
        TargetValue: requestsPerMinute,
        PredefinedMetricSpecification: {
          PredefinedMetricType: 'ALBRequestCountPerTarget',
          // The metric exists only once a listener forwards to the target group.
          ResourceLabel: Fn.Join('/', [
            Fn.GetAtt('LoadBalancer', 'LoadBalancerFullName'),
            after(
              [Fn.If('HasCertificate', Fn.Ref('HttpsListener'), Fn.Ref('HttpListener'))],
              Fn.GetAtt('Targets', 'TargetGroupFullName'),
            ),
          ]),
        },
      },
    }),
  };
}
