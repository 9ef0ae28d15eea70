import { isIP, isIPv6 } from 'node:net';

/**
 * The address a request comes from. Every proxy appends the address that it was called from to `X-Forwarded-For`, so
 * that with n of them the n-th entry from the end was written by one of ours; what stands before it was the caller's to invent.
 * @param socket the other end of the connection
 * @param forwarded the header, its lines joined
 * @param proxies how many stand before this server, each of which appends; with 0 the header is not looked at
 */
export function addressOf(socket: string, forwarded: string | undefined, proxies: number): string {
  if (proxies === 0 || forwarded === undefined) return socket;
  const entry = forwarded.split(',').at(-proxies)?.trim() ?? '';
  return isIP(entry) === 0 ? socket : entry;
}

/**
 * What one caller has of the address space: an IPv4 address, or the 64 bits that a network gives away whole (every
 * device has 2^64 IPv6 addresses to call from).
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [bare = ''] = address.split('%');
  if (!isIPv6(bare)) return address;
  // A socket that listens on all interfaces sees IPv4 addresses so.
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  if (mapped !== undefined) return mapped;
  // The URL parser writes one address in one way.
  const [head = '', tail] = new URL(`http://[${bare}]`).hostname.slice(1, -1).split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups =
    tail === undefined ? before : [...before, ...Array(8 - before.length - after.length).fill('0'), ...after];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
