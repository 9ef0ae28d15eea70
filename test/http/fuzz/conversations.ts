import * as fc from 'fast-check';

/** What is sent over one connection, and how it ends. */
export type Conversation = { parts: string[]; end?: 'half' | 'cut' };

/** Mostly one of these, now and then anything of the other. */
const mostly = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 7, arbitrary: usual }, { weight: 1, arbitrary: odd });

/** Any bytes, one a character: what is sent is latin-1. */
const bytes = (maxLength: number) =>
  fc.string({ unit: fc.nat({ max: 255 }).map((code) => String.fromCodePoint(code)), maxLength });

const uuid = fc.uuid();
const method = mostly(
  fc.constantFrom('GET', 'GET', 'POST', 'POST', 'DELETE', 'HEAD', 'OPTIONS', 'PUT', 'PATCH'),
  fc.oneof(fc.constantFrom('TRACE', 'CONNECT', 'PROPFIND', 'PRI', 'get', 'QUERY', ''), bytes(8)),
);
const path = mostly(
  fc.oneof(
    fc.constantFrom('/', '/posts', '/posts?limit=2', '/health', '/signedUrlPut', '/openapi.json', '*'),
    uuid.map((id) => `/posts/${id}`),
    uuid.map((id) => `/getSignedUrlPut?filename=a.png&filetype=image/png&postId=${id}`),
  ),
  fc.oneof(
    bytes(30).map((text) => `/${text}`),
    bytes(30).map((text) => `/posts?user=${text}`),
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc.constantFrom('//posts', '/%', '/posts/%00', '/../../etc/passwd', 'posts', 'http://', 'x:1', '?', ''),
    fc.constant(`/posts?limit=1&cursor=${'x'.repeat(20_000)}`),
  ),
);
const version = mostly(
  fc.constantFrom('HTTP/1.1'),
  fc.oneof(fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'http/1.1', ''), bytes(9)),
);

const header = fc.oneof(
  fc.constantFrom(
    'connection: close',
    'connection: keep-alive',
    'connection: upgrade',
    'connection: upgrade, close',
    'upgrade: h2c',
    'upgrade: websocket',
    'expect: 100-continue',
    'expect: more',
    'content-length: 0',
    'content-length: 5',
    'content-length: -1',
    'content-length: 99999999999999999999',
    'transfer-encoding: chunked',
    'transfer-encoding: gzip, chunked',
    'transfer-encoding: identity',
    'trailer: x',
    'te: trailers',
    'host: other',
    'host:',
    'accept: text/html',
    'accept-encoding: br;q=0, *',
    'if-none-match: *',
    'range: bytes=0-1',
    'origin: https://pages.example',
    'content-type: text/plain',
    'authorization: Ann',
    'x-forwarded-for: 1.2.3.4, 5.6.7.8',
    ' folded',
    ': no name',
    '__proto__: x',
  ),
  bytes(20).map((name) => `${name}: x`),
  bytes(70).map((name) => `authorization: ${name}`),
  fc.integer({ min: 100, max: 20_000 }).map((length) => `cookie: ${'c'.repeat(length)}`),
);

const draft = fc
  .record({ title: fc.string({ unit: 'binary', maxLength: 20 }), body: fc.string({ maxLength: 20 }) })
  .map((value) => Buffer.from(JSON.stringify(value)).toString('latin1'));
const content = mostly(draft, fc.oneof(bytes(60), fc.constant('x'.repeat(70_000))));
const chunked = fc
  .tuple(content, mostly(fc.constant(''), bytes(20)))
  .map(([text, extra]) => `${text.length.toString(16)}${extra}\r\n${text}\r\n0\r\n\r\n`);

/** A body and the headers that frame it: rightly, or not at all. */
const framed = fc.oneof(
  fc.constant({ headers: [] as string[], body: '' }),
  content.map((body) => ({ headers: [`content-length: ${body.length}`], body })),
  chunked.map((body) => ({ headers: ['transfer-encoding: chunked'], body })),
  content.map((body) => ({ headers: [], body })),
);

const request = fc
  .record({
    line: fc.tuple(method, path, version),
    host: mostly<string[]>(fc.constant(['host: x']), fc.constantFrom([], ['host: x', 'Host: y'])),
    headers: fc.array(header, { maxLength: 4 }),
    framed,
    lineEnd: mostly(fc.constant('\r\n'), fc.constantFrom('\n', '\r', '\n\r')),
  })
  .map(({ line, host, headers, framed: { headers: framing, body }, lineEnd }) =>
    [line.join(' '), ...host, ...framing, ...headers, '', body].join(lineEnd),
  );

/** What becomes of the bytes on their way: a piece is lost, or replaced. */
const damage = mostly(
  fc.constant(undefined),
  fc.record({ at: fc.nat({ max: 300 }), length: fc.nat({ max: 20 }), by: bytes(5) }),
);

const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 3 });

/** One connection: requests, one behind the other, cut into packets anywhere. */
export const conversation: fc.Arbitrary<Conversation> = fc
  .record({
    requests: fc.array(request, { minLength: 1, maxLength: 3 }),
    damage,
    cuts,
    end: fc.constantFrom<('half' | 'cut')[]>('half', 'half', 'cut'),
  })
  .map(({ requests, damage: broken, cuts: at, end }) => {
    let text = requests.join('');
    if (broken) text = text.slice(0, broken.at) + broken.by + text.slice(broken.at + broken.length);
    return { parts: packets(text, at), end };
  });

const fairMethod = fc.constantFrom('GET', 'GET', 'POST', 'DELETE', 'HEAD', 'OPTIONS', 'PUT');
const fairPath = fc.oneof(
  fc.constantFrom(
    '/',
    '/posts?limit=2',
    'http://x/posts?limit=1',
    '/health',
    '/nothing',
    'HTTPS://x',
    '/posts/%',
  ),
  uuid.map((id) => `/posts/${id}`),
);
const fairHeaders = fc.constantFrom(
  [],
  ['authorization: Ann'],
  ['upgrade: h2c', 'connection: upgrade'],
  ['upgrade: websocket', 'Connection: Upgrade, HTTP2-Settings', 'authorization: Ann'],
  ['te: trailers', 'connection: keep-alive'],
);
const fairContent = fc.oneof(draft, bytes(60));
const fairBody = fc.oneof(
  fc.constant({ headers: [] as string[], body: '' }),
  fairContent.map((body) => ({ headers: [`content-length: ${body.length}`], body })),
  fairContent
    .filter((body) => body !== '')
    .map((body) => ({
      headers: ['transfer-encoding: chunked'],
      body: `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    })),
);
const LAST = ['connection: close', 'connection: upgrade, close\r\nupgrade: h2c', 'expect: 100-continue'];

/** One connection with requests that HTTP allows, each of which has an answer; the last one closes it. */
export const fairConversation: fc.Arbitrary<Conversation & { requests: number }> = fc
  .record({
    requests: fc.array(fc.tuple(fairMethod, fairPath, fairHeaders, fairBody), { minLength: 1, maxLength: 4 }),
    last: fc.constantFrom(...LAST),
    cuts,
  })
  .map(({ requests, last, cuts: at }) => {
    const texts = requests.map(([verb, target, headers, { headers: framing, body }], i) => {
      const more = i === requests.length - 1 ? [last] : headers;
      return [`${verb} ${target} HTTP/1.1`, 'host: x', ...more, ...framing, '', body].join('\r\n');
    });
    return { parts: packets(texts.join(''), at), requests: requests.length };
  });

function packets(text: string, cutAt: number[]): string[] {
  const marks = [0, ...cutAt.filter((at) => at < text.length).toSorted((a, b) => a - b), text.length];
  return marks.slice(1).map((mark, i) => text.slice(marks[i], mark));
}
