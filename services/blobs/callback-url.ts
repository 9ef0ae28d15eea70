import ipaddr from 'ipaddr.js';

/** Where callbacks may go. */
export type CallbackRules = {
  /** Plain http, on any port, to loopback addresses: receivers on the machine that runs all this. */
  readonly loopback: boolean;
  /** Of https, besides its own; 80 without it. */
  readonly ports?: readonly string[];
};

/** Characters. */
const MAX_LENGTH = 2048;
const PORTS = ['80'];

/**
 * Why no callback may go to a URL, in words that follow its name. Names are looked at when they are connected to.
 * @returns undefined when it may be tried
 */
export function urlProblem(text: string, rules: CallbackRules): string | undefined {
  if (text.length > MAX_LENGTH) return `must have at most ${MAX_LENGTH} characters`;
  if (!URL.canParse(text)) return 'must be a URL';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'must have no user name and no password';
  if (rules.loopback && url.protocol === 'http:' && isLoopbackHost(url.hostname)) return undefined;
  if (url.protocol !== 'https:') return 'must begin with https://';
  if (url.port !== '' && !(rules.ports ?? PORTS).includes(url.port)) return 'must have port 443 or 80';
  const host = hostOf(url);
  // A literal is never looked up: it has to be good as it stands.
  if (ipaddr.isValid(host) && !isPublic(host)) return 'must not lead to a private address';
  return undefined;
}

/** The host as it is connected to: without the brackets of IPv6, and without a dot at its end. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

/** Ranges that ipaddr.js takes for unicast, or does not know: RFC 6890's registries of special purpose addresses. */
const SPECIAL = [
  '192.88.99.0/24',
  '64:ff9b:1::/48',
  '2001::/23',
  '3fff::/20',
  '5f00::/16',
  '2620:4f:8000::/48',
];

/**
 * Whether an address is public unicast. An IPv6 address that carries an IPv4 one (mapped, 6to4, Teredo, NAT64) is not,
 * whichever it carries: it leads where a translator wants.
 */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  // 2000::/3 is all that IANA gives out.
  if (parsed.kind() === 'ipv6' && !within(parsed, '2000::/3')) return false;
  return !SPECIAL.some((range) => within(parsed, range));
}

export const isLoopback = (address: string): boolean =>
  ipaddr.isValid(address) && ipaddr.parse(address).range() === 'loopback';

const isLoopbackHost = (hostname: string) =>
  hostname === 'localhost' || isLoopback(hostname.replace(/^\[|\]$/g, ''));

function within(address: ipaddr.IPv4 | ipaddr.IPv6, cidr: string): boolean {
  const [range, bits] = ipaddr.parseCIDR(cidr);
  return address.kind() === range.kind() && address.match(range, bits);
}
