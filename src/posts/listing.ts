import * as v from 'valibot';
import type { createPresigner, Presigner } from '../aws/presign.ts';
import { type Call, type Handler, HttpError, type Reply } from '../http/call.ts';
import { revalidated } from '../http/content/conditional.ts';
import { JsonText } from '../http/content/json-text.ts';
import { parseInput } from '../http/validation.ts';
import { PAGE_SIZE } from '../../webapp/src/page-size.ts';
import { userNameSchema } from '../identity/user-name.ts';
import { createShared } from '../runtime/shared.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { foldLabel, labelSchema } from './label-names.ts';
import { searchBytes } from './label-search.ts';
import type { List } from './newest-first.ts';
import type { StoredPost } from './post.ts';
import { publicPost } from './public-post.ts';
import { listBytes, type PostStore } from './store.ts';

/** A list of at most so many posts is one answer with its length; a longer one is streamed. */
const AT_ONCE = 100;

/** For how long everybody is given the same page of everybody's posts, ms. The index that it is read from is a moment behind itself. */
const SHARED_MS = 1_000;

/** Bytes of pages, and of what they are compressed to, that are kept for those who ask next. */
const SHARED_BYTES = 8 * 1024 * 1024;

/**
 * `GET /posts`: everybody's posts or one user's, whole or a page of them, or a page of those with a label; newest first.
 * @param now clock in ms
 */
export function createListing(
  posts: PostStore,
  presigner: ReturnType<typeof createPresigner>,
  now?: () => number,
): Handler {
  const shared = createShared<PageReply>({ ms: SHARED_MS, bytes: SHARED_BYTES, sizeOf, now });

  return ({ query, memory }) => {
    if (query.has('user') && query.has('id_user'))
      throw new HttpError(422, 'id_user: is user by another name');
    const name = query.get('user') ?? query.get('id_user');
    const user = name === null ? undefined : parseInput(userNameSchema, name, 'user');
    const label = query.get('label');
    if (label !== null) {
      if (user !== undefined) throw new HttpError(422, 'label: finds posts of everybody, not of a user');
      return listLabelled(foldLabel(parseInput(labelSchema, label, 'label')), query, memory);
    }
    if (query.has('limit')) return listPage(user, query, memory);
    if (query.has('cursor')) throw new HttpError(422, 'cursor: needs a limit beside it');
    return listWhole(user, memory);
  };

  async function listWhole(user: string | undefined, memory: Call['memory']): Promise<Reply> {
    await memory.take(listBytes(user));
    const pages = user === undefined ? posts.listAll() : posts.listOf(user);
    const first = await pages.next();
    if (first.done) return { body: [] };
    const { items, last } = first.value;
    if (!last || items.length > AT_ONCE) return { body: publicPages(items, pages) };
    return { body: publicList(items, await presigner()) };
  }

  async function* publicPages(first: StoredPost[], pages: List<StoredPost>) {
    try {
      yield publicList(first, await presigner());
      for await (const { items } of pages) yield publicList(items, await presigner());
    } finally {
      await pages.return();
    }
  }

  async function listPage(
    user: string | undefined,
    query: URLSearchParams,
    memory: Call['memory'],
  ): Promise<Reply> {
    const limit = parseInput(limitSchema, query.get('limit'), 'limit');
    const cursor = query.get('cursor');
    const page = { user, limit, before: cursor === null ? undefined : decodeCursor(user, cursor) };
    await memory.take(listBytes(user, limit + 1));
    const signer = await presigner();
    // Of one's own posts nothing is kept: whoever has just written must find it there.
    if (user !== undefined) return readPage(page, signer);
    // With other credentials, or in the next quarter of an hour, the photos have other URLs.
    const key = [limit, page.before, signer.window, signer.credentials.accessKeyId].join(' ');
    return shared(key, () => readPage(page, signer));
  }

  /** Whoever asks for no limit gets a page, too. */
  async function listLabelled(label: string, query: URLSearchParams, memory: Call['memory']): Promise<Reply> {
    const limit = parseInput(limitSchema, query.get('limit') ?? String(PAGE_SIZE), 'limit');
    const cursor = query.get('cursor');
    const before = cursor === null ? undefined : decodeCursor(`#${label}`, cursor);
    await memory.take(searchBytes(limit));
    const signer = await presigner();
    const key = JSON.stringify([label, limit, before, signer.window, signer.credentials.accessKeyId]);
    return shared(key, async () => {
      const { posts: found, next } = await posts.findLabelled(label, limit, before);
      const link =
        next === undefined ? undefined : nextLink({ label }, limit, encodeCursor(`#${label}`, next));
      return pageReply(found, link, signer);
    });
  }

  async function readPage({ user, limit, before }: PageOf, signer: Presigner): Promise<PageReply> {
    // One more than shown tells whether there is more.
    const options = { before, pageSize: limit + 1 };
    const pages = user === undefined ? posts.listAll(options) : posts.listOf(user, options);
    const found = await take(pages, limit + 1);
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    const link =
      found.length > limit && last ? nextLink({ user }, limit, encodeCursor(user, last.id)) : undefined;
    return pageReply(shown, link, signer);
  }
}

function pageReply(shown: StoredPost[], link: string | undefined, signer: Presigner): PageReply {
  const body = new JsonText(JSON.stringify(publicList(shown, signer, true)));
  return { headers: { ...revalidated(body, link), ...(link !== undefined && { link }) }, body };
}

/** Posts older than `before`. */
type PageOf = { user: string | undefined; limit: number; before: string | undefined };
type PageReply = Reply & { body: JsonText };

/** Its text, as much for each form that it is compressed to, and what there is beside. */
const sizeOf = ({ body }: PageReply) => 3 * body.bytes.length + 1024;

/** @param thumbnails of pages alone: a list of all posts stays small */
const publicList = (found: StoredPost[], signer: Presigner, thumbnails = false) =>
  found.map((post) => publicPost(post, signer, thumbnails));

export const limitSchema = v.pipe(
  v.string(),
  v.regex(/^0*([1-9]\d?|100)$/, 'must be a whole number from 1 to 100'),
  // As whoever reads the API's description thinks of it.
  v.metadata({ type: 'integer', pattern: undefined, minimum: 1, maximum: 100 }),
  v.toNumber(),
);

async function take<T>(pages: List<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const { items } of pages) {
    taken.push(...items.slice(0, count - taken.length));
    if (taken.length >= count) break;
  }
  return taken;
}

/** @param list by what is asked for it; everybody's without */
function nextLink(
  list: { user?: string | undefined; label?: string },
  limit: number,
  cursor: string,
): string {
  const query = new URLSearchParams({
    ...Object.fromEntries(Object.entries(list).filter(([, value]) => value !== undefined)),
    limit: String(limit),
    cursor,
  });
  return `</posts?${query}>; rel="next"`;
}
