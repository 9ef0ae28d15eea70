import { EC2Client } from '@aws-sdk/client-ec2';
import { Route53Client } from '@aws-sdk/client-route-53';
import type { Values } from './cloudformation/parameters.ts';
import type { Session } from './commands/session.ts';
import { hostedZoneOf } from './hosted-zone.ts';
import type { Known } from './system.ts';
import { twoZones } from './zones.ts';

/**
 * What the server stack's parameters need to have looked up: the zones of its own network, once, because a subnet cannot
 * move; and the hosted zone of a domain, whenever one is given.
 */
export async function serverValues(session: Session, { given, values, isNew }: Known): Promise<Values> {
  return {
    ...(isNew && !values.VpcId && (await zoneValues(session, values.InstanceType ?? ''))),
    ...(given.Domain !== undefined && { HostedZoneId: await zoneIdValue(session, given.Domain) }),
  };
}

async function zoneValues({ region, terminal }: Session, instanceType: string): Promise<Values> {
  const ec2 = new EC2Client({ region });
  try {
    const [ZoneA, ZoneB] = await twoZones(ec2, instanceType);
    return { ZoneA, ZoneB };
  } catch (error) {
    if (!(error instanceof Error && error.name === 'UnauthorizedOperation')) throw error;
    terminal.line(
      ` ${terminal.paint('yellow', 'These credentials may not ask for zones: the first two are taken.')}`,
    );
    return {};
  } finally {
    ec2.destroy();
  }
}

async function zoneIdValue({ region, terminal }: Session, domain: string): Promise<string> {
  if (domain === '') return '';
  const route53 = new Route53Client({ region });
  try {
    return await hostedZoneOf(route53, domain);
  } catch (error) {
    if (!(error instanceof Error && error.name.startsWith('AccessDenied'))) throw error;
    terminal.line(
      ` ${terminal.paint('yellow', 'These credentials may not look into Route 53: no record is made.')}`,
    );
    return '';
  } finally {
    route53.destroy();
  }
}
