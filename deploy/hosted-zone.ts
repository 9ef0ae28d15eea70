import { ListHostedZonesByNameCommand } from '@aws-sdk/client-route-53';
import type { Route53Client } from '@aws-sdk/client-route-53';

/**
 * The account's public hosted zone that a name belongs into: the one with the longest name.
 * @param domain such as `photos.example.org`
 * @returns its id, or an empty text when the name is somebody else's to point anywhere
 */
export async function hostedZoneOf(route53: Route53Client, domain: string): Promise<string> {
  const labels = domain.split('.');
  for (let index = 0; index < labels.length - 1; index++) {
    const name = labels.slice(index).join('.');
    // The list begins at this name: a public zone of it and some private ones.
    const { HostedZones = [] } = await route53.send(new ListHostedZonesByNameCommand({ DNSName: name }));
    const zone = HostedZones.find((one) => one.Name === `${name}.` && !one.Config?.PrivateZone);
    if (zone?.Id) return zone.Id.replace('/hostedzone/', '');
  }
  return '';
}
