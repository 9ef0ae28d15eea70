import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressOf, networkOf } from '../../src/http/address.ts';

describe('a request comes from', () => {
  const socket = '10.0.0.9';
  const rows: [what: string, header: string | undefined, proxies: number, expected: string][] = [
    ['the other end of the connection', undefined, 0, socket],
    ['it too when somebody says otherwise and no proxy is trusted', '192.0.2.1', 0, socket],
    ['whom the load balancer names', '192.0.2.1', 1, '192.0.2.1'],
    ['whom it names last, after what the caller invented', '198.51.100.7, 192.0.2.1', 1, '192.0.2.1'],
    ['whom the first of two names', '198.51.100.7, 192.0.2.1, 10.0.0.4', 2, '192.0.2.1'],
    ['an IPv6 address', '198.51.100.7,2001:db8::1', 1, '2001:db8::1'],
    ['the other end when the load balancer itself calls', undefined, 1, socket],
    ['the other end when there are fewer entries than proxies', '192.0.2.1', 2, socket],
    ['the other end when the entry is no address', '192.0.2.1:4711', 1, socket],
    ['the other end when the entry is empty', '192.0.2.1,', 1, socket],
  ];
  for (const [what, header, proxies, expected] of rows)
    it(what, () => assert.equal(addressOf(socket, header, proxies), expected));
});

describe('the network of', () => {
  const rows: [address: string, network: string][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:1::', '2001:db8:0:0::/64'],
    ['2001:db8::1:0:0:0:1', '2001:db8:0:1::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
  ];
  for (const [address, network] of rows)
    it(`${address || 'a connection that is gone'} is ${network || 'none'}`, () =>
      assert.equal(networkOf(address), network));
});
