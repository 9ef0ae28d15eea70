import { deepEqual, equal, match, ok } from 'node:assert/strict';

import { at, change } from '../stacks.ts';
import type { Stack } from '../stacks.ts';
import { cloudFormation } from './point.ts';
import type { Point } from './point.ts';

const autoScaling = 'https://docs.aws.amazon.com/autoscaling/ec2/userguide';
const ec2 = 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide';
const machine = 'LaunchTemplate.Properties.LaunchTemplateData';
const script = `${machine}.UserData.Fn::Base64.Fn::Sub.0`;

function changeScript(server: Stack, from: string, to: string): void {
  change(server, script, String(at(server, script)).replace(from, to));
}

/** The instances: how they start, how they are watched, how they are replaced. */
export const fleet: Point[] = [
  {
    claim:
      'The image is the newest Amazon Linux 2023, for Graviton as the type is, by an SSM parameter of Amazon',
    documentation: 'https://docs.aws.amazon.com/linux/al2023/ug/ec2.html',
    check: ({ server }) => {
      deepEqual(at(server, `${machine}.ImageId`), { Ref: 'ImageId' });
      equal(server.Parameters['ImageId']?.['Type'], 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>');
      equal(
        server.Parameters['ImageId']?.['Default'],
        '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
      );
      match(String(server.Parameters['InstanceType']?.['Default']), /^[a-z]+\d+g/);
    },
    spoil: ({ server }) => (server.Parameters['InstanceType'] = { Type: 'String', Default: 't3.small' }),
  },
  {
    claim: 'Instance metadata only by IMDSv2, one hop away',
    documentation: `${ec2}/configuring-instance-metadata-service.html`,
    check: ({ server }) =>
      deepEqual(at(server, `${machine}.MetadataOptions`), {
        HttpEndpoint: 'enabled',
        HttpTokens: 'required',
        HttpPutResponseHopLimit: 1,
      }),
    spoil: ({ server }) => change(server, `${machine}.MetadataOptions.HttpTokens`, 'optional'),
  },
  {
    claim: 'The disk is encrypted, and is the root disk of Amazon Linux',
    documentation: `${ec2}/device_naming.html`,
    check: ({ server }) => {
      equal(at(server, `${machine}.BlockDeviceMappings.0.DeviceName`), '/dev/xvda');
      equal(at(server, `${machine}.BlockDeviceMappings.0.Ebs.Encrypted`), true);
    },
    spoil: ({ server }) => change(server, `${machine}.BlockDeviceMappings.0.Ebs.Encrypted`, false),
  },
  {
    claim: 'Another bundle is another user data, so another version of the launch template',
    documentation: `${cloudFormation}/aws-resource-ec2-launchtemplate.html`,
    check: ({ server }) => {
      const userData = String(at(server, script));
      for (const parameter of ['ArtifactsBucket', 'BundleKey', 'BundleSha256'])
        ok(userData.includes(`\${${parameter}}`), parameter);
    },
    spoil: ({ server }) => changeScript(server, '${BundleSha256}', '0'.repeat(64)),
  },
  {
    claim: 'The group follows the launch template by its latest number, which CloudFormation sees change',
    documentation: `${cloudFormation}/aws-properties-autoscaling-autoscalinggroup-launchtemplatespecification.html`,
    check: ({ server }) =>
      deepEqual(at(server, 'Fleet.Properties.LaunchTemplate'), {
        LaunchTemplateId: { Ref: 'LaunchTemplate' },
        Version: { 'Fn::GetAtt': ['LaunchTemplate', 'LatestVersionNumber'] },
      }),
    spoil: ({ server }) => change(server, 'Fleet.Properties.LaunchTemplate.Version', '$Latest'),
  },
  {
    claim: 'The user data fits, and signals the resource that waits for it',
    documentation: `${ec2}/user-data.html`,
    check: ({ server }) => {
      const userData = String(at(server, script));
      equal(Buffer.byteLength(userData) < 16 * 1024, true);
      match(userData, /cfn-signal .*--stack '\$\{AWS::StackName\}' --resource Fleet /);
      match(userData, /trap signal EXIT/);
    },
    spoil: ({ server }) => changeScript(server, '--resource Fleet', '--resource Group'),
  },
  {
    claim:
      'The load balancer decides about health, after 300 s of grace: with the default of 0 no instance lives to start',
    documentation: `${autoScaling}/health-check-grace-period.html`,
    check: ({ server }) => {
      equal(at(server, 'Fleet.Properties.HealthCheckType'), 'ELB');
      equal(at(server, 'Fleet.Properties.HealthCheckGracePeriod'), 300);
    },
    spoil: ({ server }) => change(server, 'Fleet.Properties.HealthCheckGracePeriod', undefined),
  },
  {
    claim: 'One to four instances, and no desired number that an update would put the fleet back to',
    documentation: `${cloudFormation}/aws-resource-autoscaling-autoscalinggroup.html`,
    check: ({ server }) => {
      deepEqual(at(server, 'Fleet.Properties.MinSize'), { Ref: 'MinSize' });
      deepEqual(at(server, 'Fleet.Properties.MaxSize'), { Ref: 'MaxSize' });
      deepEqual(
        [server.Parameters['MinSize']?.['Default'], server.Parameters['MaxSize']?.['Default']],
        [1, 4],
      );
      equal(at(server, 'Fleet.Properties.DesiredCapacity'), undefined);
    },
    spoil: ({ server }) => change(server, 'Fleet.Properties.DesiredCapacity', '1'),
  },
  {
    claim: 'The first instances must signal before the stack is made',
    documentation: `${cloudFormation}/aws-attribute-creationpolicy.html`,
    check: ({ server }) =>
      deepEqual(at(server, 'Fleet.CreationPolicy'), {
        ResourceSignal: { Count: { Ref: 'MinSize' }, Timeout: 'PT10M' },
      }),
    spoil: ({ server }) => change(server, 'Fleet.CreationPolicy', undefined),
  },
  {
    claim:
      'An update replaces one instance after another, keeps one in service and waits for signals; there is always room for one more',
    documentation: `${cloudFormation}/aws-attribute-updatepolicy.html`,
    check: ({ server }) => {
      deepEqual(at(server, 'Fleet.UpdatePolicy.AutoScalingRollingUpdate'), {
        MinInstancesInService: 1,
        MaxBatchSize: 1,
        WaitOnResourceSignals: true,
        PauseTime: 'PT10M',
        SuspendProcesses: [
          'HealthCheck',
          'ReplaceUnhealthy',
          'AZRebalance',
          'AlarmNotification',
          'ScheduledActions',
        ],
      });
      // MinInstancesInService must stay below it.
      equal(server.Parameters['MaxSize']?.['MinValue'], 2);
    },
    spoil: ({ server }) =>
      change(server, 'Fleet.UpdatePolicy.AutoScalingRollingUpdate.WaitOnResourceSignals', false),
  },
  {
    claim:
      "The servers' log outlives its instance: a group of the stack that forgets, and that the role may write to",
    documentation:
      'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html',
    check: ({ serverless, server }) => {
      const name = { 'Fn::Join': ['/', ['/postagram', { Ref: 'Stage' }, 'server']] };
      deepEqual(at(server, 'ServerLogs.Properties'), { LogGroupName: name, RetentionInDays: 30 });
      match(String(at(server, script)), /^LOG_GROUP=\$\{ServerLogs\}$/m);
      const role = JSON.stringify(at(serverless, 'Role.Properties.Policies'));
      match(role, /"log-group:\/postagram\/",\{"Ref":"Stage"\},"\/server:\*"/);
    },
    spoil: ({ server }) => change(server, 'ServerLogs.Properties.RetentionInDays', undefined),
  },
];
