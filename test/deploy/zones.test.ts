import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { EC2Client } from '@aws-sdk/client-ec2';
import { twoZones } from '../../deploy/zones.ts';

/**
 * An EC2 over HTTP with these zones, by name and id, of which some offer the type of instance.
 * @param zones `name id`
 * @param offered ids
 */
async function ec2Of(t: TestContext, zones: string[], offered: string[]) {
  const asked: URLSearchParams[] = [];
  const server = createServer(async (request, response) => {
    const parameters = new URLSearchParams(await text(request));
    asked.push(parameters);
    const action = parameters.get('Action') ?? '';
    const items = (action === 'DescribeAvailabilityZones' ? zones : offered).map((row) => {
      const [name, id] = row.split(' ');
      return id
        ? `<item><zoneName>${name}</zoneName><zoneId>${id}</zoneId></item>`
        : `<item><location>${name}</location></item>`;
    });
    const set = action === 'DescribeAvailabilityZones' ? 'availabilityZoneInfo' : 'instanceTypeOfferingSet';
    response.end(`<${action}Response><${set}>${items.join('')}</${set}></${action}Response>`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an AddressInfo; only pipes have a string.
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const ec2 = new EC2Client({ region: 'us-east-1', credentials, endpoint: `http://127.0.0.1:${port}` });
  t.after(() => {
    ec2.destroy();
    server.close();
    server.closeAllConnections();
  });
  return { ec2, asked };
}

// Names are shuffled by account, ids are not.
const east = ['us-east-1b use1-az3', 'us-east-1d use1-az6', 'us-east-1a use1-az2', 'us-east-1c use1-az4'];
const ids = east.map((row) => row.slice(-8));

describe('the zones of a new network', () => {
  it('are the first two by name', async (t) => {
    const { ec2, asked } = await ec2Of(
      t,
      ['us-east-1c use1-az4', 'us-east-1a use1-az2', 'us-east-1d use1-az6'],
      ids,
    );
    assert.deepEqual(await twoZones(ec2, 't4g.small'), ['us-east-1a', 'us-east-1c']);
    const offerings = asked.find((one) => one.get('Action') === 'DescribeInstanceTypeOfferings');
    assert.equal(offerings?.get('Filter.1.Value.1'), 't4g.small');
    const zones = asked.find((one) => one.get('Action') === 'DescribeAvailabilityZones');
    const filters = [1, 2].map((index) => zones?.get(`Filter.${index}.Value.1`));
    assert.deepEqual(
      filters,
      ['available', 'availability-zone'],
      'no local zones, none that is out of order',
    );
  });

  it('leave out one that takes no load balancer', async (t) => {
    const { ec2 } = await ec2Of(t, east, ids);
    assert.deepEqual(await twoZones(ec2, 't4g.small'), ['us-east-1a', 'us-east-1c']);
  });

  it('leave out one that does not offer the type of instance', async (t) => {
    const { ec2 } = await ec2Of(t, east, ['use1-az4', 'use1-az6', 'use1-az3']);
    assert.deepEqual(await twoZones(ec2, 't4g.small'), ['us-east-1c', 'us-east-1d']);
  });

  it('are refused in words where there are not two', async (t) => {
    const { ec2 } = await ec2Of(t, east, ['use1-az4', 'use1-az3']);
    await assert.rejects(
      twoZones(ec2, 't4g.small'),
      /t4g\.small is offered in us-east-1c here: .* wants two zones/,
    );
    const { ec2: none } = await ec2Of(t, east, []);
    await assert.rejects(twoZones(none, 'x9.huge'), /x9\.huge is offered in no zone here/);
  });
});
