import { EC2, ElasticLoadBalancingV2, Fn, Route53 } from 'cloudform';
import type { ResourceBase } from 'cloudform';

import { deregistration, healthCheck, idle } from './drain-timing.ts';
import { subnetIds, vpcId } from './network.ts';

/** As long as a photo URL lives: after that a browser has nothing left to find again. */
const photoUrlSeconds = 60 * 60;

const { Listener, LoadBalancer, TargetGroup } = ElasticLoadBalancingV2;

const forward = { Type: 'forward', TargetGroupArn: Fn.Ref('Targets') };
const toHttps = {
  Type: 'redirect',
  RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' },
};

function from(port: number) {
  return { IpProtocol: 'tcp', FromPort: port, ToPort: port, CidrIp: Fn.Ref('AllowCidr') };
}

/** What the internet reaches: HTTP on 80, or HTTPS on 443 with 80 leading there when a certificate is given. */
export function loadBalancer(): Record<string, ResourceBase> {
  return {
    PublicAccess: new EC2.SecurityGroup({
      GroupDescription: 'Postagram load balancer',
      VpcId: vpcId,
      SecurityGroupIngress: Fn.If('HasCertificate', [from(80), from(443)], [from(80)]),
    }),
    LoadBalancer: new LoadBalancer({
      Type: 'application',
      Scheme: 'internet-facing',
      Subnets: subnetIds,
      SecurityGroups: [Fn.GetAtt('PublicAccess', 'GroupId')],
      // The server keeps idle connections for longer: the side that sends must be the side that closes.
      LoadBalancerAttributes: [{ Key: 'idle_timeout.timeout_seconds', Value: String(idle) }],
    }),
    Targets: new TargetGroup({
      VpcId: vpcId,
      TargetType: 'instance',
      Protocol: 'HTTP',
      Port: 8080,
      HealthCheckPath: '/health',
      HealthCheckIntervalSeconds: healthCheck.interval,
      HealthCheckTimeoutSeconds: healthCheck.timeout,
      HealthyThresholdCount: healthCheck.healthyAfter,
      UnhealthyThresholdCount: healthCheck.unhealthyAfter,
      Matcher: { HttpCode: '200' },
      TargetGroupAttributes: [
        { Key: 'deregistration_delay.timeout_seconds', Value: String(deregistration) },
        // Each instance signs photo URLs with a session of its own: a browser that stays with one gets the same URLs.
        { Key: 'stickiness.enabled', Value: 'true' },
        { Key: 'stickiness.type', Value: 'lb_cookie' },
        { Key: 'stickiness.lb_cookie.duration_seconds', Value: String(photoUrlSeconds) },
      ],
    }),
    HttpListener: new Listener({
      LoadBalancerArn: Fn.Ref('LoadBalancer'),
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: Fn.If('HasCertificate', [toHttps], [forward]),
    }),
    HttpsListener: new Listener({
      LoadBalancerArn: Fn.Ref('LoadBalancer'),
      Protocol: 'HTTPS',
      Port: 443,
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      Certificates: [{ CertificateArn: Fn.Ref('CertificateArn') }],
      DefaultActions: [forward],
    }).condition('HasCertificate'),
    Record: new Route53.RecordSet({
      HostedZoneId: Fn.Ref('HostedZoneId'),
      Name: Fn.Ref('Domain'),
      Type: 'A',
      AliasTarget: {
        DNSName: Fn.GetAtt('LoadBalancer', 'DNSName'),
        HostedZoneId: Fn.GetAtt('LoadBalancer', 'CanonicalHostedZoneID'),
      },
    }).condition('HasHostedZone'),
  };
}
