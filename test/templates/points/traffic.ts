import { deepEqual, doesNotMatch, equal, match } from 'node:assert/strict';

import { at, change, idsOf, madeBefore } from '../stacks.ts';
import { cloudFormation } from './point.ts';
import type { Point } from './point.ts';

const elb = 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application';
const loadBalancer = { 'Fn::GetAtt': ['LoadBalancer', 'LoadBalancerFullName'] };
const targets = { 'Fn::GetAtt': ['Targets', 'TargetGroupFullName'] };
const script = 'LaunchTemplate.Properties.LaunchTemplateData.UserData.Fn::Base64.Fn::Sub.0';
const forward = { Type: 'forward', TargetGroupArn: { Ref: 'Targets' } };

/** From the load balancer to the instances, and the numbers that come out of it. */
export const traffic: Point[] = [
  {
    claim: 'Targets are instances on 8080, healthy when /health says 200',
    documentation: `${elb}/target-group-health-checks.html`,
    check: ({ server }) => {
      const group = 'Targets.Properties';
      equal(at(server, `${group}.TargetType`), 'instance');
      equal(at(server, `${group}.Port`), 8080);
      equal(at(server, `${group}.HealthCheckPath`), '/health');
      deepEqual(at(server, `${group}.Matcher`), { HttpCode: '200' });
    },
    spoil: ({ server }) => change(server, 'Targets.Properties.HealthCheckPath', '/'),
  },
  {
    claim: 'A browser stays with one instance for as long as a photo URL lives, by attributes that exist',
    documentation: `${elb}/sticky-sessions.html#duration-based-stickiness`,
    check: ({ server }) => {
      const attributes = at(server, 'Targets.Properties.TargetGroupAttributes');
      deepEqual(Array.isArray(attributes) && attributes.slice(1), [
        { Key: 'stickiness.enabled', Value: 'true' },
        { Key: 'stickiness.type', Value: 'lb_cookie' },
        { Key: 'stickiness.lb_cookie.duration_seconds', Value: '3600' },
      ]);
    },
    spoil: ({ server }) => change(server, 'Targets.Properties.TargetGroupAttributes.2.Value', 'app_cookie'),
  },
  {
    claim:
      'A request says at the end of X-Forwarded-For whom the load balancer had it from, and the server believes that one entry',
    documentation: `${elb}/x-forwarded-headers.html`,
    check: ({ server }) => {
      // Appending is the default; with the port in it the entry would be no address.
      const attributes = JSON.stringify(at(server, 'LoadBalancer.Properties.LoadBalancerAttributes'));
      doesNotMatch(attributes, /routing\.http\.xff/);
      match(String(at(server, script)), /^TRUSTED_PROXIES=1$/m);
    },
    spoil: ({ server }) =>
      change(server, script, String(at(server, script)).replace('TRUSTED_PROXIES=1', 'TRUSTED_PROXIES=2')),
  },
  {
    claim: 'Port 80 answers, or leads to 443 when there is a certificate',
    documentation: `${elb}/create-https-listener.html`,
    check: ({ server }) => {
      const redirect = {
        Type: 'redirect',
        RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' },
      };
      deepEqual(at(server, 'HttpListener.Properties.DefaultActions'), {
        'Fn::If': ['HasCertificate', [redirect], [forward]],
      });
      equal(at(server, 'HttpListener.Condition'), undefined);
      equal(at(server, 'HttpsListener.Condition'), 'HasCertificate');
      deepEqual(at(server, 'HttpsListener.Properties.DefaultActions'), [forward]);
      deepEqual(at(server, 'HttpsListener.Properties.Certificates'), [
        { CertificateArn: { Ref: 'CertificateArn' } },
      ]);
    },
    spoil: ({ server }) => change(server, 'HttpsListener.Condition', undefined),
  },
  {
    claim:
      'The name of the site leads to the load balancer where its hosted zone is ours, and is what the URL says',
    documentation: `${cloudFormation}/aws-properties-route53-recordset-aliastarget.html`,
    check: ({ server }) => {
      equal(at(server, 'Record.Condition'), 'HasHostedZone');
      deepEqual(at(server, 'Record.Properties'), {
        HostedZoneId: { Ref: 'HostedZoneId' },
        Name: { Ref: 'Domain' },
        Type: 'A',
        AliasTarget: {
          DNSName: { 'Fn::GetAtt': ['LoadBalancer', 'DNSName'] },
          HostedZoneId: { 'Fn::GetAtt': ['LoadBalancer', 'CanonicalHostedZoneID'] },
        },
      });
      const address = {
        'Fn::If': ['HasDomain', { Ref: 'Domain' }, { 'Fn::GetAtt': ['LoadBalancer', 'DNSName'] }],
      };
      const scheme = { 'Fn::If': ['HasCertificate', 'https://', 'http://'] };
      deepEqual(server.Outputs['Url']?.Value, { 'Fn::Join': ['', [scheme, address]] });
    },
    // The zone of the site in place of the load balancer's own, which is Amazon's.
    spoil: ({ server }) =>
      change(server, 'Record.Properties.AliasTarget.HostedZoneId', { Ref: 'HostedZoneId' }),
  },
  {
    claim: 'One policy scales the fleet, on requests per target',
    documentation: 'https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html',
    check: ({ server }) => {
      deepEqual(idsOf(server, 'AWS::AutoScaling::ScalingPolicy'), ['Scaling']);
      const tracking = 'Scaling.Properties.TargetTrackingConfiguration';
      equal(
        at(server, `${tracking}.PredefinedMetricSpecification.PredefinedMetricType`),
        'ALBRequestCountPerTarget',
      );
      deepEqual(
        at(server, `${tracking}.PredefinedMetricSpecification.ResourceLabel.Fn::Join.1.0`),
        loadBalancer,
      );
      deepEqual(
        at(server, `${tracking}.PredefinedMetricSpecification.ResourceLabel.Fn::Join.1.1.Fn::Select.1.0`),
        targets,
      );
    },
    spoil: ({ server }) => {
      server.Resources['MoreScaling'] = { Type: 'AWS::AutoScaling::ScalingPolicy' };
    },
  },
  {
    claim:
      'The scaling policy comes after the listener that ties target group and load balancer: its metric needs both',
    documentation: `${cloudFormation}/aws-properties-autoscaling-scalingpolicy-predefinedmetricspecification.html`,
    check: ({ server }) => {
      const before = madeBefore(server, 'Scaling');
      equal(before.has('HttpListener') && before.has('HttpsListener'), true);
    },
    spoil: ({ server }) =>
      change(
        server,
        'Scaling.Properties.TargetTrackingConfiguration.PredefinedMetricSpecification.ResourceLabel.Fn::Join.1.1.Fn::Select.1.1',
        { Ref: 'HttpListener' },
      ),
  },
  {
    claim:
      'With an address for alarms there are alarms on 5xx, unhealthy hosts and dead letters, on metrics that exist; without one, none',
    documentation: `${elb}/load-balancer-cloudwatch-metrics.html`,
    check: ({ serverless, server }) => {
      const metrics = [serverless, server].flatMap((stack) =>
        idsOf(stack, 'AWS::CloudWatch::Alarm').map((id) => {
          equal(at(stack, `${id}.Condition`), 'HasAlarms');
          deepEqual(at(stack, `${id}.Properties.AlarmActions`), [{ Ref: 'AlarmTopic' }]);
          return [
            at(stack, `${id}.Properties.Namespace`),
            at(stack, `${id}.Properties.MetricName`),
            at(stack, `${id}.Properties.Dimensions`),
          ];
        }),
      );
      const [byBalancer, byGroup] = [
        { Name: 'LoadBalancer', Value: loadBalancer },
        { Name: 'TargetGroup', Value: targets },
      ];
      const queue = { Name: 'QueueName', Value: { 'Fn::GetAtt': ['DeadLetters', 'QueueName'] } };
      deepEqual(metrics, [
        ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', [queue]],
        ['AWS/ApplicationELB', 'HTTPCode_Target_5XX_Count', [byBalancer]],
        ['AWS/ApplicationELB', 'HTTPCode_ELB_5XX_Count', [byBalancer]],
        ['AWS/ApplicationELB', 'UnHealthyHostCount', [byBalancer, byGroup]],
      ]);
    },
    spoil: ({ server }) => change(server, 'UnhealthyHostsAlarm.Properties.MetricName', 'UnhealthyHostCount'),
  },
];
