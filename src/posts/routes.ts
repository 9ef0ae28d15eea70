import { v7 as uuidv7 } from 'uuid';
import * as v from 'valibot';
import { type Call, HttpError, type Reply, type Routes } from '../http/call.ts';
import type { Budget } from '../http/budget.ts';
import { type Identity, spenderOf } from '../identity/identity.ts';
import { userNameSchema } from '../identity/user-name.ts';
import { type createPresigner, PUT_EXPIRES } from '../aws/presign.ts';
import { parseInput } from '../http/validation.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { ImageStore } from './images.ts';
import { rememberOwners } from './ownership.ts';
import { draftSchema, imageKey, photoPrefix, postIdSchema, type StoredPost, uuidOf } from './post.ts';
import { publicPost } from './public-post.ts';
import type { PostStore } from './store.ts';
import { parseUpload } from './upload.ts';

type Parts = {
  posts: PostStore;
  images: ImageStore;
  presigner: ReturnType<typeof createPresigner>;
  identity: Identity;
  budgets: { posts: Budget; uploads: Budget };
};

/** The routes of the API. */
export function postRoutes({ posts, images, presigner, identity, budgets }: Parts): Routes {
  const owners = rememberOwners(posts.has);

  return {
    'POST /posts': create,
    'GET /posts': list,
    'GET /posts/:id': read,
    'DELETE /posts/:id': remove,
    'GET /signedUrlPut': signUpload,
    'GET /getSignedUrlPut': signUpload,
  };

  async function create(call: Call): Promise<Reply> {
    const { name: user } = await identity.callerOf(call.headers);
    budgets.posts.spend(spenderOf(identity, call, user));
    const draft = parseInput(draftSchema, await call.json());
    const { post, $metadata } = await posts.create(user, draft);
    return {
      status: 201,
      headers: { location: `/posts/${uuidOf(post.id)}` },
      body: { ...publicPost(post, await presigner()), $metadata },
    };
  }

  async function list({ query }: Call): Promise<Reply> {
    const name = query.get('user') ?? query.get('id_user');
    const user = name === null ? undefined : parseInput(userNameSchema, name, 'user');
    if (query.has('limit')) return listPage(user, query);
    if (query.has('cursor')) throw new HttpError(422, 'cursor: needs a limit beside it');
    return { body: publicPages(user === undefined ? posts.listAll() : posts.listOf(user)) };
  }

  async function* publicPages(pages: AsyncIterable<StoredPost[]>) {
    for await (const page of pages) yield await publicList(page);
  }

  async function listPage(user: string | undefined, query: URLSearchParams): Promise<Reply> {
    const limit = parseInput(limitSchema, query.get('limit'), 'limit');
    const cursor = query.get('cursor');
    const before = cursor === null ? undefined : decodeCursor(user, cursor);
    // One more than shown tells whether there is more.
    const options = { before, pageSize: limit + 1 };
    const found = await take(
      user === undefined ? posts.listAll(options) : posts.listOf(user, options),
      limit + 1,
    );
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    return {
      headers: found.length > limit && last ? { link: nextLink(user, limit, last.id) } : {},
      body: await publicList(shown),
    };
  }

  async function publicList(found: StoredPost[]) {
    const signer = await presigner();
    return found.map((post) => publicPost(post, signer));
  }

  async function read(call: Call): Promise<Reply> {
    const post = await posts.find(idOf(call));
    if (!post) throw new HttpError(404, 'There is no such post.');
    return { body: publicPost(post, await presigner()) };
  }

  async function remove(call: Call): Promise<Reply> {
    const { name: user } = await identity.callerOf(call.headers);
    const id = idOf(call);
    owners.forget(user, id);
    // Photos first: as long as the item is there, a failure half way can be retried. Once more after the item, for a
    // photo that landed meanwhile; later ones are the labeler's, which finds no post.
    await images.removeAll(photoPrefix(user, id));
    const { post, $metadata } = await posts.remove(user, id);
    await images.removeAll(photoPrefix(user, id));
    owners.forget(user, id);
    if (!post) throw new HttpError(404, 'You have no such post.');
    return { body: { $metadata, Attributes: publicPost(post, await presigner()) } };
  }

  async function signUpload(call: Call): Promise<Reply> {
    const { name: user } = await identity.callerOf(call.headers);
    budgets.uploads.spend(spenderOf(identity, call, user));
    const { postId, filename, headers, signed } = parseUpload(call.query);
    if (!(await owners.owns(user, postId))) throw new HttpError(404, 'You have no such post.');
    const objectName = imageKey(user, postId, uuidv7(), filename);
    const uploadURL = (await presigner()).put(objectName, signed);
    return { body: { uploadURL, objectName, method: 'PUT', headers, expiresIn: PUT_EXPIRES } };
  }
}

export const limitSchema = v.pipe(
  v.string(),
  v.regex(/^0*([1-9]\d?|100)$/, 'must be a whole number from 1 to 100'),
  // As whoever reads the API's description thinks of it.
  v.metadata({ type: 'integer', pattern: undefined, minimum: 1, maximum: 100 }),
  v.toNumber(),
);

const idOf = (call: Call): string => parseInput(postIdSchema, call.params.id, 'id');

async function take<T>(pages: AsyncIterable<T[]>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const page of pages) {
    taken.push(...page.slice(0, count - taken.length));
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
