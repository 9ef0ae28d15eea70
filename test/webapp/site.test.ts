import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { createRouter } from '../../router.ts';
import { createSite } from '../../src/site.ts';

const UPLOADS = 'https://images.s3.eu-west-1.amazonaws.com';
const PHOTOS = 'https://renditions.s3.eu-west-1.amazonaws.com';
const origins = { uploadOrigin: UPLOADS, photoOrigin: PHOTOS };
const PAGE = '<!doctype html><title>Postagram</title>';
const SCRIPT = 'console.log("hello");';

/** A server with one API route and the site over these files. @returns its port */
async function serve(t: TestContext, files: Record<string, string | Buffer> = build()): Promise<number> {
  const root = await folder(t, files);
  return serveSite(t, createSite({ root, ...origins }));
}

async function serveSite(t: TestContext, site: ReturnType<typeof createSite>): Promise<number> {
  const routes = { 'GET /posts': () => ({ body: [] }) };
  const server = createServer(createRouter(routes, { cors: '*', log: () => {}, fallback: site }));
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // A server that listens on TCP has an AddressInfo; only pipes have a string.
  return (server.address() as AddressInfo).port;
}

async function folder(t: TestContext, files: Record<string, string | Buffer>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'postagram-site-'));
  t.after(() => rm(root, { recursive: true }));
  await mkdir(join(root, 'assets'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(root, name), content);
  return root;
}

function build(): Record<string, string | Buffer> {
  return {
    'index.html': PAGE,
    'index.html.br': brotliCompressSync(PAGE),
    'index.html.gz': gzipSync(PAGE),
    'assets/app-1a2b.js': SCRIPT,
    'assets/app-1a2b.js.gz': gzipSync(SCRIPT),
    'assets/font-3c4d.woff2': Buffer.from([1, 2, 3]),
    'favicon.svg': '<svg/>',
    '.built-from': 'secret of the build',
  };
}

type Answer = { status: number | undefined; headers: IncomingHttpHeaders; body: Buffer };

/** Plain node:http: fetch would unpack the body and hide its encoding. */
async function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port, path, method, headers }).end();
  const [response] = await once(sent, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

test('the page is checked at every visit, and not sent again while it is the same', async (t) => {
  const port = await serve(t);
  const first = await get(port, '/', HTML);
  assert.equal(first.status, 200);
  assert.equal(first.body.toString(), PAGE);
  assert.equal(first.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(first.headers['cache-control'], 'no-cache');
  const again = await get(port, '/', { ...HTML, 'if-none-match': `"other", W/${first.headers.etag}` });
  assert.equal(again.status, 304);
  assert.equal(again.body.length, 0);
  assert.equal(again.headers.etag, first.headers.etag);
});

test('assets with a hash in their name are kept for ever', async (t) => {
  const port = await serve(t);
  const { status, headers, body } = await get(port, '/assets/app-1a2b.js');
  assert.equal(status, 200);
  assert.equal(body.toString(), SCRIPT);
  assert.equal(headers['content-type'], 'text/javascript; charset=utf-8');
  assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal((await get(port, '/favicon.svg')).headers['cache-control'], 'no-cache');
});

for (const [accepted, encoding, unpack] of [
  ['gzip, deflate, br', 'br', brotliDecompressSync],
  ['gzip', 'gzip', gunzipSync],
  ['br;q=0, gzip;q=0.5', 'gzip', gunzipSync],
  ['zstd', undefined, (bytes: Buffer) => bytes],
] as const) {
  test(`a browser that accepts "${accepted}" gets ${encoding ?? 'the plain bytes'}`, async (t) => {
    const port = await serve(t);
    const { headers, body } = await get(port, '/', { ...HTML, 'accept-encoding': accepted });
    assert.equal(headers['content-encoding'], encoding);
    assert.equal(unpack(body).toString(), PAGE);
    assert.match(headers.vary ?? '', /Accept-Encoding/);
    assert.equal(headers['content-length'], String(body.length));
  });
}

test('each encoding has a tag of its own, and a file without a compressed form goes plain', async (t) => {
  const port = await serve(t);
  const tags = await Promise.all(
    ['br', 'gzip', ''].map(
      async (encoding) => (await get(port, '/', { 'accept-encoding': encoding })).headers.etag,
    ),
  );
  assert.equal(new Set(tags).size, 3);
  const font = await get(port, '/assets/font-3c4d.woff2', { 'accept-encoding': 'br, gzip' });
  assert.equal(font.headers['content-encoding'], undefined);
  assert.deepEqual([...font.body], [1, 2, 3]);
});

test('the policy names the bucket and asks nothing that plain HTTP cannot give', async (t) => {
  const port = await serve(t);
  const { headers } = await get(port, '/', HTML);
  const policy = String(headers['content-security-policy']);
  for (const part of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' blob: ${PHOTOS}`,
    `connect-src 'self' ${UPLOADS}`,
    "manifest-src 'self'",
    "frame-ancestors 'none'",
  ]) {
    assert.ok(policy.split('; ').includes(part), part);
  }
  assert.doesNotMatch(policy, /upgrade-insecure-requests|unsafe/);
  assert.equal(headers['strict-transport-security'], undefined);
  assert.equal(headers['cross-origin-opener-policy'], undefined);
  assert.equal(headers['referrer-policy'], 'no-referrer');
});

test('addresses of the app are the page, for browsers only where no link leads, and never among the API’s', async (t) => {
  const port = await serve(t);
  for (const path of ['/u/ada', '/p/018f', '/new', '/u/100%25']) {
    assert.equal((await get(port, path, HTML)).body.toString(), PAGE, path);
  }
  for (const headers of [{}, { accept: '*/*' }])
    for (const path of ['/u/ada', '/u/ada.lovelace', '/p/018f', '/p/018f/'])
      assert.equal((await get(port, path, headers)).body.toString(), PAGE, path);
  for (const [path, headers] of [
    ['/u/ada', { accept: 'application/json' }],
    ['/p/018f', { accept: 'image/webp' }],
    ['/new', {}],
    ['/new', { accept: '*/*' }],
    ['/p/018f/x', {}],
    ['/posts/', HTML],
    ['/posts/a/b', HTML],
    ['/signedUrlPut/x', HTML],
    ['/assets/app-gone.js', HTML],
    ['/index.html.br', HTML],
    ['/.built-from', {}],
    ['/..%2f..%2fetc/passwd', {}],
  ] as const) {
    const { status, headers: answer } = await get(port, path, headers);
    assert.equal(status, 404, path);
    assert.equal(answer['content-type'], 'application/problem+json; charset=utf-8', path);
  }
  assert.equal((await get(port, '/posts', HTML)).body.toString(), '[]');
});

test('HEAD gets the headers alone, other methods nothing', async (t) => {
  const port = await serve(t);
  const head = await get(port, '/', HTML, 'HEAD');
  assert.equal(head.status, 200);
  assert.equal(head.headers['content-length'], String(PAGE.length));
  assert.equal(head.body.length, 0);
  assert.equal((await get(port, '/', HTML, 'POST')).status, 404);
});

test('without a build, the front page says how to make one and the API works', async (t) => {
  const root = join(await folder(t, {}), 'nowhere');
  const port = await serveSite(t, createSite({ root, ...origins }));
  const reply = await get(port, '/', HTML);
  assert.equal(reply.status, 404);
  assert.match(String(reply.body), /npm run build -w webapp/);
  const other = await get(port, '/u/ada', HTML);
  assert.equal(other.headers['content-type'], 'application/problem+json; charset=utf-8');
  assert.equal(String((await get(port, '/posts')).body), '[]');
});

test('a folder too large for memory is refused at the start', async (t) => {
  const root = await folder(t, { 'index.html': PAGE, 'film.bin': Buffer.alloc(33 * 1024 * 1024) });
  assert.throws(() => createSite({ root, ...origins }), /the site may have/);
});
