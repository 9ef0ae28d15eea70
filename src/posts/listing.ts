import * as v from 'valibot';
import type { createPresigner } from '../aws/presign.ts';
import { type Call, type Handler, HttpError, type Reply } from '../http/call.ts';
import { parseInput } from '../http/validation.ts';
import { userNameSchema } from '../identity/user-name.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { List } from './newest-first.ts';
import type { StoredPost } from './post.ts';
import { publicPost } from './public-post.ts';
import { listBytes, type PostStore } from './store.ts';

/** A list of at most so many posts is one answer with its length; a longer one is streamed. */
const AT_ONCE = 100;

/** `GET /posts`: everybody's posts or one user's, whole or a page of them, newest first. */
export function createListing(posts: PostStore, presigner: ReturnType<typeof createPresigner>): Handler {
  return ({ query, memory }) => {
    if (query.has('user') && query.has('id_user'))
      throw new HttpError(422, 'id_user: is user by another name');
    const name = query.get('user') ?? query.get('id_user');
    const user = name === null ? undefined : parseInput(userNameSchema, name, 'user');
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
    return { body: last && items.length <= AT_ONCE ? await publicList(items) : publicPages(items, pages) };
  }

  async function* publicPages(first: StoredPost[], pages: List<StoredPost>) {
    try {
      yield await publicList(first);
      for await (const { items } of pages) yield await publicList(items);
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
    const before = cursor === null ? undefined : decodeCursor(user, cursor);
    // One more than shown tells whether there is more.
    const options = { before, pageSize: limit + 1 };
    await memory.take(listBytes(user, limit + 1));
    const pages = user === undefined ? posts.listAll(options) : posts.listOf(user, options);
    const found = await take(pages, limit + 1);
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    return {
      headers: found.length > limit && last ? { link: nextLink(user, limit, last.id) } : {},
      body: await publicList(shown, true),
    };
  }

  /** @param thumbnails of pages alone: a list of all posts stays small */
  async function publicList(found: StoredPost[], thumbnails = false) {
    const signer = await presigner();
    return found.map((post) => publicPost(post, signer, thumbnails));
  }
}

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

function nextLink(user: string | undefined, limit: number, lastId: string): string {
  const query = new URLSearchParams({
    ...(user !== undefined && { user }),
    limit: String(limit),
    cursor: encodeCursor(user, lastId),
  });
  return `</posts?${query}>; rel="next"`;
}
