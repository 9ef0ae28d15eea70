import type { Call, Handler, Reply } from './http/call.ts';
import { type Coding, codingFor } from './http/content/accept-encoding.ts';
import { JsonText } from './http/content/json-text.ts';
import { PAGE_SIZE } from '../webapp/src/page-size.ts';
import { feedSizes, ONE_COLUMN } from '../webapp/src/photo-shape.ts';
import type { Post } from './posts/post.ts';

/** How long the page waits for the list, ms. Without it, it asks by itself. */
const PATIENCE = 300;

/** Posts among which photos are looked for that are on the screen at first. */
const FIRST_POSTS = 2;

/** Where the build's page has room for it. */
const PRELOADS = '<!-- preloads -->';
const DATA = '</body>';

/**
 * Writes everybody's first page of posts into the web app's own page, and has the browser load its first photos with it: nothing waits for
 * a script to ask.
 * @param list the handler of `GET /posts`: what is shared there is shared here
 * @returns the whole page; undefined where the list is not there in 300 ms, fails, or there is no room for it
 */
export function createFirstPage(list: Handler, html: string) {
  /** As long as the page of the list is kept. */
  const made = new WeakMap<JsonText, JsonText>();
  const hasRoom = html.includes(PRELOADS) && html.includes(DATA);

  return async (call: Call): Promise<Reply | undefined> => {
    if (!hasRoom) return undefined;
    const reply = await inTime(async () =>
      list({ ...call, query: new URLSearchParams({ limit: String(PAGE_SIZE) }) }),
    );
    if (!(reply?.body instanceof JsonText)) return undefined;
    const page = made.get(reply.body) ?? new JsonText(written(html, reply.body, reply.headers?.link));
    made.set(reply.body, page);
    const coding = codingFor(call.headers['accept-encoding']?.toString());
    return {
      headers: {
        // Its addresses are signed, and what it says is of this moment.
        'cache-control': 'private, no-cache',
        etag: page.tag(),
        vary: 'Accept-Encoding',
        ...(coding && { 'content-encoding': coding }),
      },
      body: await bytesOf(page, coding),
    };
  };
}

const bytesOf = (page: JsonText, coding: Coding | undefined): Buffer | Promise<Buffer> =>
  coding ? page.compressed(coding) : page.bytes;

/** What comes of it in time; undefined of a failure, too. */
async function inTime<T>(make: () => Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PATIENCE, undefined);
  });
  try {
    return await Promise.race([make(), late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

function written(html: string, list: JsonText, link: string | undefined): string {
  const text = list.bytes.toString();
  // Of our own making.
  const posts = JSON.parse(text) as Post[];
  const data = `{"link":${JSON.stringify(link ?? '')},"posts":${text}}`;
  return html
    .replace(PRELOADS, () => posts.slice(0, FIRST_POSTS).map(preload).join(''))
    .replace(DATA, () => `<script type="application/json" id="first-page">${escaped(data)}</script>${DATA}`);
}

/** JSON in which nothing is HTML, and nothing ends a line of a script. */
const escaped = (json: string): string =>
  json.replace(/[<\u2028\u2029]/g, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The rendition that the page will choose, too. Of one column only the first is on the screen. */
function preload({ thumbnails, width, height }: Post, index: number): string {
  if (!thumbnails || !width || !height) return '';
  const attributes = {
    rel: 'preload',
    as: 'image',
    imagesrcset: thumbnails.map((it) => `${it.url} ${it.width}w`).join(', '),
    imagesizes: feedSizes({ width, height }),
    fetchpriority: 'high',
    ...(index > 0 && { media: `not all and ${ONE_COLUMN}` }),
  };
  const all = Object.entries(attributes).map(([name, value]) => `${name}="${quoted(value)}"`);
  return `<link ${all.join(' ')} />`;
}

const quoted = (text: string): string => text.replace(/[&"<]/g, (it) => `&#${it.charCodeAt(0)};`);
