import { type Call, type Handler, HttpError, type Reply, type Routes } from '../http/call.ts';
import { type Coding, codingFor } from '../http/content/accept-encoding.ts';
import { JsonText } from '../http/content/json-text.ts';
import { PAGE_SIZE } from '../../webapp/src/page-size.ts';
import type { Post } from '../posts/post.ts';
import { metaOfMissing, metaOfPost, metaOfUser } from './meta.ts';
import { preloadFeed, preloadPost } from './preload.ts';
import { type Screen, screenOf } from './screen.ts';
import { createWriter, type Filling } from './writer.ts';

/** How long a page waits for what is shown on it, ms. Without it, it asks by itself. */
const PATIENCE = 300;

type Parts = {
  /** The page as it was built. */
  html: string;
  /** What the screens show is read by `GET /posts` and `GET /posts/:id`: what is shared there is shared here. */
  routes: Routes;
  /** Where the site is, as it was told; never as a request says. */
  publicUrl?: string | undefined;
};

type Shown = Exclude<Screen, { kind: 'missing' }>;

/** What was read for a screen: undefined where there is no such thing. */
type Read = { body: JsonText; link: string } | undefined;

/**
 * Writes into the web app's own page what its screen shows, so that nothing waits for a script to ask, and what others show
 * of a link to it.
 * @returns the whole page; undefined for any other screen, where what it shows is not there in 300 ms or fails, and where
 * there is no room for it
 */
export function createPages({ html, routes, publicUrl }: Parts) {
  const write = createWriter(html);
  const list = routes['GET /posts'];
  const read = routes['GET /posts/:id'];
  /** As long as what is shown on it is kept. */
  const made = new WeakMap<JsonText, JsonText>();

  return async (call: Call): Promise<Reply | undefined> => {
    const screen = screenOf(call.path);
    if (!write || !screen) return undefined;
    const missing = () => reply(call, new JsonText(write({ meta: metaOfMissing(call.path) })), 404);
    if (screen.kind === 'missing') return missing();
    const handler = screen.kind === 'post' ? read : list;
    if (!handler) return undefined;
    const found = await inTime(() => ask(handler, call, screen));
    if (found === undefined) return undefined;
    const { answer } = found;
    if (!answer) return missing();
    const page = made.get(answer.body) ?? new JsonText(write(fill(screen, answer)));
    made.set(answer.body, page);
    return reply(call, page, 200);
  };

  function fill(screen: Shown, { body, link }: NonNullable<Read>): Filling {
    const text = body.bytes.toString();
    if (screen.kind === 'post') {
      // Of our own making, as is what follows.
      const post = JSON.parse(text) as Post;
      return { meta: metaOfPost(post, publicUrl), preloads: preloadPost(post), data: `{"post":${text}}` };
    }
    const posts = JSON.parse(text) as Post[];
    const page = `"link":${JSON.stringify(link)},"posts":${text}`;
    if (screen.kind === 'everybody') return { preloads: preloadFeed(posts), data: `{${page}}` };
    return {
      meta: metaOfUser(screen.user, posts, publicUrl),
      preloads: preloadFeed(posts),
      data: `{"user":${JSON.stringify(screen.user)},${page}}`,
    };
  }
}

/** @throws whatever the handler throws, but that there is no such thing; Error where its answer is none to be shown */
async function ask(handler: Handler, call: Call, screen: Shown): Promise<{ answer: Read }> {
  try {
    const { status = 200, headers, body } = await handler({ ...call, ...asked(screen) });
    if (status !== 200 || !(body instanceof JsonText)) throw new Error('no answer that could be shown');
    return { answer: { body, link: headers?.link ?? '' } };
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return { answer: undefined };
    throw error;
  }
}

/** What the page itself would ask for. */
function asked(screen: Shown): Pick<Call, 'params' | 'query'> {
  if (screen.kind === 'post') return { params: { id: screen.id }, query: new URLSearchParams() };
  const query = new URLSearchParams({ limit: String(PAGE_SIZE) });
  if (screen.kind === 'user') query.set('user', screen.user);
  return { params: {}, query };
}

async function reply(call: Call, page: JsonText, status: number): Promise<Reply> {
  const coding = codingFor(call.headers['accept-encoding']?.toString());
  return {
    status,
    headers: {
      // Its addresses are signed, and what it says is of this moment.
      'cache-control': 'private, no-cache',
      ...(status === 200 && { etag: page.tag() }),
      vary: 'Accept-Encoding',
      ...(coding && { 'content-encoding': coding }),
    },
    body: await bytesOf(page, coding),
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
