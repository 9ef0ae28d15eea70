import * as v from 'valibot';
import { ApiError, base, call, nextOf, read } from './call.ts';
import { PAGE_SIZE } from './page-size.ts';

export const Post = v.object({
  user: v.string(),
  id: v.string(),
  title: v.string(),
  body: v.string(),
  alt: v.optional(v.string()),
  createdAt: v.optional(v.string()),
  image: v.optional(v.string()),
  thumbnails: v.optional(v.array(v.object({ width: v.number(), url: v.string() }))),
  width: v.optional(v.number()),
  height: v.optional(v.number()),
  thumbhash: v.optional(v.string()),
  labels: v.optional(v.array(v.string())),
  status: v.optional(v.string()),
  error: v.optional(v.string()),
});
const LabelCount = v.object({ label: v.string(), count: v.number(), more: v.boolean() });
const SignedUpload = v.object({
  uploadURL: v.string(),
  objectName: v.string(),
  method: v.optional(v.string(), 'PUT'),
});
const SignInConfig = v.variant('identity', [
  v.object({ identity: v.literal('plain') }),
  v.object({
    identity: v.literal('jwt'),
    issuer: v.string(),
    clientId: v.string(),
    nameClaim: v.string(),
  }),
]);

export type Post = v.InferOutput<typeof Post>;
/** What an author writes. `alt` says what is on the photo; empty where nobody said it. */
export type Draft = { title: string; body: string; alt: string };
export type Change = Partial<Draft & { labels: string[] }>;
/** One page of a list; `next` is the address of the page after it, absent on the last one. */
export type Page = { posts: Post[]; next: string | undefined };
/** A label, and how many posts have it; `more` where there are more than were counted. */
export type LabelCount = v.InferOutput<typeof LabelCount>;
export type SignedUpload = v.InferOutput<typeof SignedUpload>;

/** How the server knows its users: by the name they say, or by the token of an issuer. */
export type SignInConfig = v.InferOutput<typeof SignInConfig>;

/** Signed with the URL of an upload: any other is refused. */
export const PHOTO_TYPE = 'image/jpeg';

let proof: (name: string) => string | Promise<string> = (name) => name;

/** Sets what the header says of a user who is called so; the name itself without. */
export function proveBy(next: typeof proof): void {
  proof = next;
}

/** How users sign in. A server that does not say so takes names. */
export async function readSignIn(): Promise<SignInConfig> {
  try {
    const { body } = await call(new URL('config', base), {});
    return read(SignInConfig, body);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return { identity: 'plain' };
    throw error;
  }
}

/** Posts with a label, as a list: no user is called so, because no name has a `#`. */
export const labelList = (label: string): string => `#${label.toLowerCase()}`;

/**
 * A page of posts, newest first.
 * @param list whose posts: a user's name, or what `labelList` gives; everybody's without
 * @param next the `next` of the page before; the first page without
 */
export async function listPosts(
  list: string | undefined,
  next?: string,
  signal?: AbortSignal,
): Promise<Page> {
  const url = new URL(next ?? 'posts', base);
  if (next === undefined) {
    url.searchParams.set('limit', String(PAGE_SIZE));
    if (list?.startsWith('#')) url.searchParams.set('label', list.slice(1));
    else if (list !== undefined) url.searchParams.set('user', list);
  }
  const { body, response } = await call(url, { signal });
  return { posts: read(v.array(Post), body), next: nextOf(response.headers.get('link'), response.url) };
}

/** Labels that begin so, whatever the case, with how many posts have each. */
export async function findLabels(prefix: string, signal?: AbortSignal): Promise<LabelCount[]> {
  const url = new URL('labels', base);
  url.searchParams.set('prefix', prefix);
  const { body } = await call(url, { signal });
  return read(v.array(LabelCount), body);
}

/** One post by its id, as everybody sees it: up to about a second behind its author's own list. */
export async function readPost(id: string, signal?: AbortSignal): Promise<Post> {
  const { body } = await call(postUrl(id), { signal });
  return read(Post, body);
}

export function createPost(name: string, draft: Draft): Promise<Post> {
  return sendPost(name, 'POST', new URL('posts', base), draft);
}

/** Changes a post of `name`'s; what is not in the change stays. @returns the post as it is then */
export function changePost(name: string, id: string, change: Change): Promise<Post> {
  return sendPost(name, 'PATCH', postUrl(id), change);
}

/** Takes the photo off a post of `name`'s, and its labels with it. */
export async function removePhoto(name: string, id: string): Promise<void> {
  const url = new URL(`${postUrl(id).href}/image`);
  await call(url, { method: 'DELETE', headers: await authorization(name) });
}

/**
 * Gets ready to delete a post of `name`'s.
 * @returns what deletes it: at once, and also while the page is being left, when nothing can be asked before
 */
export async function readyToDelete(name: string, id: string): Promise<() => Promise<void>> {
  const headers = await authorization(name);
  return async () => void (await call(postUrl(id), { method: 'DELETE', headers, keepalive: true }));
}

/** Leave to upload one photo to one post of `name`'s. The size, in bytes, becomes part of the signature. */
export async function signUpload(name: string, id: string, photo: Blob): Promise<SignedUpload> {
  const url = new URL('signedUrlPut', base);
  url.search = String(
    new URLSearchParams({
      // The name a photo has on its owner's disk is nobody else's business.
      filename: 'photo.jpg',
      filetype: PHOTO_TYPE,
      postId: bareId(id),
      size: String(photo.size),
    }),
  );
  const { body } = await call(url, { headers: await authorization(name) });
  return read(SignedUpload, body);
}

/** The part of an id that goes into addresses: `POST#<uuid>` → `<uuid>`. */
export function bareId(id: string): string {
  return id.split('#').at(-1) ?? id;
}

/** The id behind a bare uuid. */
export function fullId(uuid: string): string {
  return `POST#${uuid}`;
}

function postUrl(id: string): URL {
  return new URL(`posts/${encodeURIComponent(bareId(id))}`, base);
}

async function sendPost(name: string, method: string, url: URL, content: Change): Promise<Post> {
  const headers = { ...(await authorization(name)), 'content-type': 'application/json' };
  const { body } = await call(url, { method, headers, body: JSON.stringify(content) });
  return read(Post, body);
}

/** As UTF-8 bytes: a header carries bytes, which fetch takes as a string of characters up to 255. */
async function authorization(name: string): Promise<{ authorization: string }> {
  return { authorization: String.fromCharCode(...new TextEncoder().encode(await proof(name))) };
}
