import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { Route53Client } from '@aws-sdk/client-route-53';
import { hostedZoneOf } from '../../deploy/hosted-zone.ts';
import { postagram } from '../../deploy/postagram.ts';

/**
 * A Route 53 over HTTP that lists its zones from the asked name on, in the order of their names.
 * @param zones `name id`, and `private` for one inside a VPC
 */
async function route53Of(t: TestContext, zones: string[]): Promise<Route53Client> {
  const server = createServer((request, response) => {
    const from = new URL(request.url ?? '', 'http://aws').searchParams.get('dnsname') ?? '';
    const listed = zones.toSorted().filter((row) => row >= from);
    const items = listed.map((row) => {
      const [name, id, kind] = row.split(' ');
      return `<HostedZone><Id>/hostedzone/${id}</Id><Name>${name}.</Name><CallerReference>1</CallerReference><Config><PrivateZone>${kind === 'private'}</PrivateZone></Config></HostedZone>`;
    });
    response.end(
      `<ListHostedZonesByNameResponse><HostedZones>${items.join('')}</HostedZones><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListHostedZonesByNameResponse>`,
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo; only pipes have a string.
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const route53 = new Route53Client({
    region: 'eu-west-1',
    credentials,
    endpoint: `http://127.0.0.1:${port}`,
  });
  t.after(() => {
    route53.destroy();
    server.close();
    server.closeAllConnections();
  });
  return route53;
}

const rows: [what: string, zones: string[], id: string][] = [
  ['the name’s own', ['photos.example.org Z1'], 'Z1'],
  ['one above it', ['example.org Z2'], 'Z2'],
  ['the longest of several', ['example.org Z2', 'photos.example.org Z1'], 'Z1'],
  ['a public one, not a private one of the same name', ['example.org Z0 private', 'example.org Z2'], 'Z2'],
  ['none of a name that only ends alike', ['ample.org Z4', 'zexample.org Z5'], ''],
  ['none of a whole top-level domain', ['org Z6'], ''],
  ['none where there is none', [], ''],
];

describe('the hosted zone of photos.example.org', () => {
  for (const [what, zones, id] of rows)
    it(`is ${what}`, async (t) => {
      assert.equal(await hostedZoneOf(await route53Of(t, zones), 'photos.example.org'), id);
    });
});

describe('the site is waited for', () => {
  const LoadBalancerName = 'balancer.eu-west-1.elb.amazonaws.com';
  const Url = 'https://photos.example.org';

  it('under its own name where the record is made by the deployment', () => {
    assert.equal(postagram.site?.({ Url, LoadBalancerName }), Url);
    assert.equal(postagram.remark?.({ Url, LoadBalancerName }), undefined);
  });

  it('under the load balancer’s where somebody has to make the record first, which is told', () => {
    const RecordToMake = `photos.example.org CNAME ${LoadBalancerName}`;
    assert.equal(postagram.site?.({ Url, LoadBalancerName, RecordToMake }), `https://${LoadBalancerName}`);
    assert.match(
      postagram.remark?.({ Url, LoadBalancerName, RecordToMake }) ?? '',
      /Make this record .*CNAME/,
    );
  });
});
