import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { type Resolve, safePost } from '../safe-post.ts';

/** Sees whoever connects to any address of this machine. */
const seen: (string | undefined)[] = [];
const sockets = new Set<Socket>();
const listener = createTcp((socket) => {
  seen.push(socket.localAddress);
  sockets.add(socket);
  socket.on('error', () => undefined).end('HTTP/1.1 204 No Content\r\n\r\n');
});
listener.listen(0);
await once(listener, 'listening');
after(() => {
  for (const socket of sockets) socket.destroy();
  listener.close();
});
// A server that listens on TCP has an AddressInfo.
const { port } = listener.address() as AddressInfo;
/** With the listener's port allowed, so that the address alone is what refuses. */
const rules = { loopback: false, ports: [String(port)] };
const message = { headers: {}, body: '{}' };

const HOSTS = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '017700000001',
  '127.0.0.1.',
  '127。0。0。1',
  '127.0.0。1',
  '①②⑦.0.0.1',
  '%31%32%37.0.0.1',
  '0',
  '0.0.0.0',
  '0x0',
  '255.255.255.255',
  '224.0.0.1',
  '240.0.0.1',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.0.1',
  '100.64.0.1',
  '169.254.169.254',
  '0xa9fea9fe',
  '2852039166',
  '0251.0376.0251.0376',
  '192.0.0.1',
  '192.0.2.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '192.88.99.1',
  '[::]',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[::ffff:0:127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  '[2002:a9fe:a9fe::1]',
  '[2001:0:7f00:1::]',
  '[2001:db8::1]',
  '[fe80::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[fec0::1]',
  '[ff02::1]',
  '[100::1]',
  '[5f00::1]',
  '[2001:10::1]',
];

/** Of names: one that leads to each of these, alone or beside a public address. */
const ADDRESSES = ['127.0.0.1', '::1', '::ffff:127.0.0.1', '0.0.0.0', '::', '169.254.169.254', '10.1.2.3'];
const resolveTo =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

const refused = (url: string, resolve?: Resolve, some = rules) =>
  assert.rejects(
    safePost(url, message, some, resolve),
    (error: Error) => error.constructor.name === 'Refused',
    url,
  );

test(`${HOSTS.length} forms of addresses that are not public are refused, unconnected`, async () => {
  for (const host of HOSTS) await refused(`https://${host}:${port}/`, resolveTo('127.0.0.1'));
  assert.deepEqual(seen, []);
});

test('a name that leads to one of them is refused as it is connected to', async () => {
  for (const address of ADDRESSES) {
    await refused(`https://innocent.example:${port}/`, resolveTo(address));
    await refused(`https://innocent.example:${port}/`, resolveTo('93.184.215.14', address));
  }
  for (const name of ['localhost', 'localhost.', 'LOCALHOST']) await refused(`https://${name}:${port}/`);
  assert.deepEqual(seen, []);
});

test('the name is looked up once: a second answer has nothing to rebind', async () => {
  const answers = [['127.0.0.1'], ['93.184.215.14']];
  let asked = 0;
  const rebinding: Resolve = (host) => resolveTo(...(answers[asked++] ?? []))(host);
  await refused(`https://rebinding.example:${port}/`, rebinding);
  assert.deepEqual([asked, seen], [1, []]);
});

test('other schemes, ports and credentials are refused', async () => {
  const urls = [
    `http://example.org:${port}/`,
    `http://127.0.0.1:${port}/`,
    `ftp://127.0.0.1:${port}/`,
    `file:///etc/passwd`,
    `gopher://127.0.0.1:${port}/`,
    `https://user@example.org:${port}/`,
    `https://user:secret@example.org:${port}/`,
    `https://example.org@127.0.0.1:${port}/`,
    `https://example.org:22/`,
    `//127.0.0.1:${port}/`,
    'no url',
  ];
  for (const url of urls) await refused(url, resolveTo('93.184.215.14'));
  const byDefault = { loopback: false };
  await refused(`https://example.org:${port}/`, resolveTo('93.184.215.14'), {
    ...rules,
    ...byDefault,
    ports: ['80'],
  });
  assert.deepEqual(seen, []);
});

test('on a laptop loopback is allowed by plain http, and nothing else that is private', async () => {
  const laptop = { loopback: true, ports: [String(port)] };
  for (const host of ['10.0.0.1', '169.254.169.254', '0.0.0.0', '[::ffff:127.0.0.1]', '192.168.0.1'])
    await refused(`http://${host}:${port}/`, undefined, laptop);
  await refused(`https://127.0.0.1:${port}/`, undefined, laptop);
  await refused(`http://localhost:${port}/`, resolveTo('10.0.0.1'), laptop);
  assert.deepEqual(seen, []);

  const redirecting = createServer((_, response) =>
    response.writeHead(307, { location: `http://127.0.0.1:${port}/` }).end(),
  ).listen(0, '127.0.0.1');
  await once(redirecting, 'listening');
  const { port: other } = redirecting.address() as AddressInfo;
  assert.equal((await safePost(`http://127.0.0.1:${other}/`, message, laptop)).status, 307);
  redirecting.close();
  assert.deepEqual(seen, [], 'no redirect is followed');

  // The listener can be reached: what was refused above was refused by us.
  assert.equal((await safePost(`http://127.0.0.1:${port}/`, message, laptop)).status, 204);
  assert.deepEqual(seen.length, 1);
});
