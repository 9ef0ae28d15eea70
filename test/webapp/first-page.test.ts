import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createRouter } from '../../router.ts';
import { type Handler, HttpError } from '../../src/http/call.ts';
import { JsonText } from '../../src/http/content/json-text.ts';
import { createSite } from '../../src/site.ts';
import { feedSizes } from '../../webapp/src/photo-shape.ts';

const PAGE = '<head><!-- preloads --><title>Postagram</title></head><body><div></div></body>';
const PHOTOS = 'https://photos.example';
const LINK = '</posts?limit=20&cursor=x>; rel="next"';
const NASTY = '</script><script>alert(1)</script><!-- \u2028\u2029 $& $1 "é"';

const photo = (n: number) => ({
  id: `POST#${n}`,
  title: n === 1 ? NASTY : `Number ${n}`,
  width: 400 * n,
  height: 300,
  thumbnails: [
    { width: 320, url: `${PHOTOS}/${n}/320.webp?a=1&b="2"` },
    { width: 640, url: `${PHOTOS}/${n}/640.webp?a=1&b="2"` },
  ],
});
const posts = [photo(1), photo(2), photo(3), photo(4)];

/** A list that is one text for all, as the shared page is. */
function listOf(value: unknown): Handler {
  const body = new JsonText(JSON.stringify(value));
  return () => ({ headers: { link: LINK }, body });
}

/** A server of the site alone. @returns its address */
async function serve(t: TestContext, list: Handler): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'postagram-site-'));
  t.after(() => rm(root, { recursive: true }));
  await writeFile(join(root, 'index.html'), PAGE);
  const site = createSite({
    root,
    uploadOrigin: PHOTOS,
    photoOrigin: PHOTOS,
    routes: { 'GET /posts': list },
  });
  const server = createServer(createRouter({}, { cors: '*', log: () => {}, fallback: site }));
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // A server that listens on TCP has an AddressInfo; only pipes have a string.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const HTML = { accept: 'text/html' };
const open = (url: string, headers: Record<string, string> = {}) =>
  fetch(url, { headers: { ...HTML, ...headers }, signal: AbortSignal.timeout(30_000) });

test('the page has the first posts in it, as data that is no script and no markup, whatever somebody wrote', async (t) => {
  const asked: string[] = [];
  const list = listOf(posts);
  const site = await serve(t, (call) => {
    asked.push(String(call.query));
    return list(call);
  });
  const answer = await open(site);
  const html = await answer.text();
  assert.deepEqual(asked, ['limit=20']);
  const [, data = '', rest = ''] =
    /<script type="application\/json" id="first-page">(.*?)<\/script>(.*)$/s.exec(html) ?? [];
  assert.deepEqual(JSON.parse(data), { link: LINK, posts });
  assert.doesNotMatch(data, /[<\u2028\u2029]/);
  assert.equal(rest, '</body>');
  assert.match(answer.headers.get('content-security-policy') ?? '', /script-src 'self'/);
});

test('its first photos are loaded with it, in the rendition that the page chooses, the second and third where there is room beside the first', async (t) => {
  const html = await (await open(await serve(t, listOf(posts)))).text();
  const links = [...html.matchAll(/<link ([^>]*)\/>/g)].map(([, attributes = '']) =>
    Object.fromEntries(
      [...attributes.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [
        name,
        value?.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))),
      ]),
    ),
  );
  const wanted = posts.slice(0, 3).map((post, index) => ({
    rel: 'preload',
    as: 'image',
    imagesrcset: post.thumbnails.map(({ url, width }) => `${url} ${width}w`).join(', '),
    imagesizes: feedSizes(post),
    fetchpriority: 'high',
    ...(index === 1 && { media: 'not all and (width < 40rem)' }),
    ...(index === 2 && { media: '(width >= 64rem)' }),
  }));
  assert.deepEqual(links, wanted);
  const none = await (await open(await serve(t, listOf([{ id: 'POST#1', title: 'No photo' }])))).text();
  assert.doesNotMatch(none, /<link/);
});

test('it is kept for its reader alone, asked for again each time, and a 304 while it says the same', async (t) => {
  let list = listOf(posts);
  const site = await serve(t, (call) => list(call));
  for (const coding of ['br', 'gzip', 'identity']) {
    const first = await open(site, { 'accept-encoding': coding });
    assert.equal(first.headers.get('content-encoding'), coding === 'identity' ? null : coding);
    assert.match(await first.text(), /id="first-page"/);
    assert.equal(first.headers.get('cache-control'), 'private, no-cache');
    assert.match(first.headers.get('vary') ?? '', /Accept-Encoding/);
    const etag = first.headers.get('etag') ?? '';
    assert.match(etag, /^W\//);
    const known = { 'accept-encoding': coding, 'if-none-match': etag };
    assert.equal((await open(site, known)).status, 304);
    list = listOf([...posts, coding]);
    assert.equal((await open(site, known)).status, 200);
  }
});

test('a list that fails, or is late, leaves the page as it was built', async (t) => {
  const late: (() => void)[] = [];
  const lists: Handler[] = [
    () => {
      throw new HttpError(503, 'Busy.');
    },
    () => Promise.reject(new Error('broken')),
    () => ({ status: 503, body: { detail: 'no list' } }),
    () => new Promise((resolve) => late.push(() => resolve({ body: new JsonText('[]') }))),
  ];
  for (const list of lists) {
    const answer = await open(await serve(t, list));
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), PAGE);
    assert.equal(answer.headers.get('cache-control'), 'no-cache');
  }
  assert.equal(late.length, 1);
  for (const come of late) come();
});

test('only where posts are shown', async (t) => {
  const site = await serve(t, listOf(posts));
  for (const path of ['/me', '/new', '/p/018f/x', '/u/ada/x', '/index.html'])
    assert.equal(await (await open(site + path)).text(), PAGE, path);
  const head = await fetch(site, { method: 'HEAD', headers: HTML });
  assert.equal(head.headers.get('cache-control'), 'private, no-cache');
});
