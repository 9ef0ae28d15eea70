import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createRouter } from '../../router.ts';
import { type Handler, HttpError, type Routes } from '../../src/http/call.ts';
import { JsonText } from '../../src/http/content/json-text.ts';
import { createSite } from '../../src/site.ts';

const PAGE =
  '<head><meta charset="utf-8" /><!-- preloads --><meta name="description" content="Of the build" />' +
  '<title>Postagram</title></head><body><div></div></body>';
const PHOTOS = 'https://photos.example';
const PUBLIC = 'https://site.example';
const UUID = '019e0000-0000-7000-8000-000000000001';
const LINK = '</posts?limit=20&cursor=x>; rel="next"';

const withPhoto = {
  user: 'ada',
  id: `POST#${UUID}`,
  title: 'Chelsea',
  body: 'She has  seen\n\nthe new camera.',
  alt: 'A red cat',
  image: `${PHOTOS}/2048.webp`,
  width: 4000,
  height: 3000,
  thumbnails: [320, 640, 1280, 2048].map((width) => ({ width, url: `${PHOTOS}/${width}.webp?a=1&b=2` })),
};
const letter = { user: 'ada', id: `POST#${UUID}`, title: 'A letter', body: 'Some text.' };

const answer =
  (value: unknown, link?: string): Handler =>
  () => ({ headers: { ...(link !== undefined && { link }) }, body: new JsonText(JSON.stringify(value)) });
const gone: Handler = () => Promise.reject(new HttpError(404, 'There is no such post.'));

/** A site of which `GET /posts/:id` and `GET /posts` answer so. @returns its port */
async function serve(t: TestContext, given: Routes, publicUrl?: string): Promise<number> {
  const root = await mkdtemp(join(tmpdir(), 'postagram-site-'));
  t.after(() => rm(root, { recursive: true }));
  await writeFile(join(root, 'index.html'), PAGE);
  const routes = { 'GET /posts': answer([]), 'GET /posts/:id': gone, ...given };
  const site = createSite({ root, uploadOrigin: PHOTOS, photoOrigin: PHOTOS, routes, publicUrl });
  const server = createServer(createRouter(routes, { cors: '*', log: () => {}, fallback: site }));
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // A server that listens on TCP has an AddressInfo; only pipes have a string.
  return (server.address() as AddressInfo).port;
}

const ofPost = (t: TestContext, post: object, publicUrl?: string) =>
  serve(t, { 'GET /posts/:id': answer(post) }, publicUrl);

/** As a program asks that looks at links: plain node:http, which says no Accept by itself and lets the Host be chosen. */
async function get(port: number, path: string, headers: Record<string, string> = {}, method = 'GET') {
  const sent = request({ host: '127.0.0.1', port, path, method, headers }).end();
  const [response] = await once(sent, 'response');
  let html = '';
  for await (const chunk of response.setEncoding('utf8')) html += chunk;
  return { status: Number(response.statusCode), headers: response.headers as Record<string, string>, html };
}

const decoded = (text: string) => text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));

/** What a page says of itself: `name` or `property` → `content`, its title and its canonical address. */
function told(html: string): Record<string, string> {
  const head = html.slice(0, html.indexOf('</head>'));
  const metas = [...head.matchAll(/<meta (?:name|property)="([^"]*)" content="([^"]*)" \/>/g)];
  const [, title = ''] = /<title>([^<]*)<\/title>/.exec(head) ?? [];
  const [, canonical] = /<link rel="canonical" href="([^"]*)" \/>/.exec(head) ?? [];
  const pairs = metas.map(([, name = '', content = '']): [string, string] => [name, decoded(content)]);
  assert.equal(new Set(pairs.map(([name]) => name)).size, pairs.length, 'nothing is said twice');
  return { ...Object.fromEntries(pairs), title: decoded(title), ...(canonical && { canonical }) };
}

/** What was sent with the page for its script. */
function sentWith(html: string): unknown {
  const [, data] =
    /<script type="application\/json" id="first-page">(.*?)<\/script><\/body>$/s.exec(html) ?? [];
  return data === undefined ? undefined : JSON.parse(data);
}

test('a link to a post tells its title, its text and its photo, to whoever asks for anything', async (t) => {
  const port = await ofPost(t, withPhoto, PUBLIC);
  for (const headers of [{}, { accept: '*/*' }, { accept: 'text/html,*/*;q=0.8' }]) {
    const { status, html } = await get(port, `/p/${UUID}`, headers);
    assert.equal(status, 200);
    assert.deepEqual(told(html), {
      title: 'Chelsea · Postagram',
      description: 'She has seen the new camera.',
      'twitter:card': 'summary_large_image',
      'og:type': 'article',
      'og:site_name': 'Postagram',
      'og:title': 'Chelsea',
      'og:description': 'She has seen the new camera.',
      'og:url': `${PUBLIC}/p/${UUID}`,
      'og:image': `${PUBLIC}/posts/${UUID}/image`,
      'og:image:type': 'image/webp',
      'og:image:width': '1280',
      'og:image:height': '960',
      'og:image:alt': 'A red cat',
      canonical: `${PUBLIC}/p/${UUID}`,
    });
    assert.deepEqual(sentWith(html), { post: withPhoto });
    assert.match(html, /<link rel="preload" as="image" imagesrcset="[^"]*1280\.webp\?a=1&#38;b=2 1280w/);
  }
});

test('a site that was not told where it is says no address, whatever a request says', async (t) => {
  for (const publicUrl of [undefined, PUBLIC]) {
    const port = await ofPost(t, withPhoto, publicUrl);
    for (const path of [`/p/${UUID}`, '/u/ada', '/']) {
      const { html } = await get(port, path, {
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        forwarded: 'host=evil.example',
      });
      assert.doesNotMatch(html, /evil/);
      if (publicUrl !== undefined) continue;
      assert.doesNotMatch(html, /canonical|og:url|og:image|summary_large_image/, path);
    }
  }
});

for (const [what, title] of [
  ['markup', '"><script>alert(1)</script>'],
  ['the end of a title', '</title><script>alert(1)</script>'],
  ['what a replacement stands for', "$& $1 $$ $` $'"],
  ['quotes and ampersands', `&amp; " ' & &#34;`],
  ['Arabic', 'مرحبا بالعالم'],
  ['where pages have room', '<!-- preloads --></body>'],
] as const) {
  test(`a title and a text with ${what} are no more than that`, async (t) => {
    const port = await ofPost(t, { ...withPhoto, title, body: title, alt: title }, PUBLIC);
    const { html } = await get(port, `/p/${UUID}`);
    const said = told(html);
    assert.equal(said.title, `${title} · Postagram`);
    for (const name of ['description', 'og:title', 'og:description', 'og:image:alt'])
      assert.equal(said[name], title, name);
    assert.equal(html.match(/<script/g)?.length, 1, 'the one with the data');
    assert.equal(html.match(/<title/g)?.length, 1);
    assert.deepEqual(sentWith(html), { post: { ...withPhoto, title, body: title, alt: title } });
  });
}

test('what is long is cut, and what turns the direction of what follows is left out', async (t) => {
  const port = await ofPost(t, { ...letter, title: `a\u202eb${'😀'.repeat(250)}`, body: 'é'.repeat(5_000) });
  const said = told((await get(port, `/p/${UUID}`)).html);
  assert.equal(said.title, `ab${'😀'.repeat(197)}… · Postagram`);
  assert.equal(said['og:title'], `ab${'😀'.repeat(197)}…`);
  assert.equal(said.description, `${'é'.repeat(199)}…`);
});

test('a link to a user’s posts tells who it is and what the newest are, with the newest photo', async (t) => {
  const asked: string[] = [];
  const list = answer([letter, withPhoto], LINK);
  const port = await serve(
    t,
    {
      'GET /posts': (call) => {
        asked.push(String(call.query));
        return list(call);
      },
    },
    PUBLIC,
  );
  const { status, html } = await get(port, '/u/Ren%C3%A9%20%26%20co.');
  assert.equal(status, 200);
  assert.deepEqual(asked, ['limit=20&user=Ren%C3%A9+%26+co.']);
  const said = told(html);
  assert.equal(said.title, 'Posts by René & co. · Postagram');
  assert.equal(said['og:type'], 'profile');
  assert.equal(said['og:description'], 'A letter · Chelsea');
  assert.equal(said['og:image'], `${PUBLIC}/posts/${UUID}/image`);
  assert.equal(said.canonical, `${PUBLIC}/u/Ren%C3%A9%20%26%20co.`);
  assert.deepEqual(sentWith(html), { user: 'René & co.', link: LINK, posts: [letter, withPhoto] });
});

test('a name that has no posts yet may have some tomorrow', async (t) => {
  const { status, html } = await get(await serve(t, {}, PUBLIC), '/u/nobody');
  assert.equal(status, 200);
  const said = told(html);
  assert.equal(said.title, 'Posts by nobody · Postagram');
  assert.equal(said['og:description'], 'Nothing from nobody yet');
  assert.equal(said.robots, undefined);
  assert.equal(said['og:image'], undefined);
});

test('a post that is gone, and what can be no post and no name, is a page that says so and is not to be found', async (t) => {
  const port = await serve(t, {}, PUBLIC);
  for (const path of [
    `/p/${UUID}`,
    '/p/018f',
    `/p/POST%23${UUID}`,
    '/u/a%23b',
    '/u/%E0%A4%A',
    `/u/${'a'.repeat(65)}`,
  ]) {
    const { status, headers, html } = await get(port, path, { accept: 'text/html' });
    assert.equal(status, 404, path);
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    assert.match(headers['content-security-policy'] ?? '', /script-src 'self'/);
    const said = told(html);
    assert.match(said.title ?? '', path.startsWith('/p/') ? /^This post is gone/ : /^Nobody has this name/);
    assert.equal(said.robots, 'noindex');
    assert.doesNotMatch(html, /og:|canonical/);
    assert.equal(sentWith(html), undefined);
  }
});

test('a database that fails, or is late, leaves the page as it was built', async (t) => {
  const late: (() => void)[] = [];
  const handlers: Handler[] = [
    () => Promise.reject(new Error('broken')),
    () => Promise.reject(new HttpError(503, 'Busy.')),
    () => ({ status: 503, body: { detail: 'nothing' } }),
    () => new Promise((resolve) => late.push(() => resolve({ body: new JsonText('[]') }))),
  ];
  for (const handler of handlers) {
    const port = await serve(t, { 'GET /posts': handler, 'GET /posts/:id': handler }, PUBLIC);
    for (const path of [`/p/${UUID}`, '/u/ada']) {
      const { status, headers, html } = await get(port, path);
      assert.equal(status, 200);
      assert.equal(html, PAGE);
      assert.equal(headers['cache-control'], 'no-cache');
    }
  }
  assert.equal(late.length, 2);
  for (const come of late) come();
});

test('it is a 304 while the post says the same, compressed where that is taken, and a HEAD is answered', async (t) => {
  const post = { ...withPhoto };
  const port = await serve(t, { 'GET /posts/:id': (call) => answer(post)(call) }, PUBLIC);
  const first = await get(port, `/p/${UUID}`, { 'accept-encoding': 'br' });
  assert.equal(first.headers['content-encoding'], 'br');
  assert.equal(first.headers['cache-control'], 'private, no-cache');
  const { etag = '' } = first.headers;
  assert.match(etag, /^W\//);
  assert.equal((await get(port, `/p/${UUID}`, { 'if-none-match': etag })).status, 304);
  post.title = 'Another';
  assert.equal((await get(port, `/p/${UUID}`, { 'if-none-match': etag })).status, 200);
  const head = await get(port, `/p/${UUID}`, {}, 'HEAD');
  assert.equal(head.status, 200);
  assert.equal(head.html, '');
});
