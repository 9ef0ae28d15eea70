import { v7 as uuidv7 } from 'uuid';
import { type Call, HttpError, type Reply, type Routes } from '../http/call.ts';
import { revalidated } from '../http/content/conditional.ts';
import { JsonText } from '../http/content/json-text.ts';
import type { Budget } from '../http/budget.ts';
import { type Identity, spenderOf } from '../identity/identity.ts';
import { type createPresigner, PUT_EXPIRES } from '../aws/presign.ts';
import { parseInput } from '../http/validation.ts';
import { changeSchema } from './change.ts';
import type { PhotoMark } from './change-store.ts';
import { createListing } from './listing.ts';
import type { RenditionStore } from '../renditions/rendition-store.ts';
import type { ImageStore } from '../aws/image-store.ts';
import { createLabelsRoute } from './labels-route.ts';
import { rememberOwners } from './ownership.ts';
import { draftSchema, imageKey, photoPrefix, postIdSchema, uuidOf } from './post.ts';
import { publicPost, sharedPhoto } from './public-post.ts';
import type { PostStore } from './store.ts';
import { parseUpload } from './upload.ts';

type Parts = {
  posts: PostStore;
  images: Pick<ImageStore, 'removeAll' | 'removeOlder'>;
  renditions: Pick<RenditionStore, 'removeAll' | 'removeOlder'>;
  /** Of uploads, and of what is shown. */
  presigners: Record<'uploads' | 'renditions', ReturnType<typeof createPresigner>>;
  identity: Identity;
  budgets: { posts: Budget; uploads: Budget };
};

/**
 * Seconds for which the way to a photo may be kept: far less than its URL lives, and than the 5 minutes before their end in which
 * credentials are renewed; and a photo that is taken off is soon not led to.
 */
const LEADS_FOR = 60;

/** The routes of the API. */
export function postRoutes({ posts, images, renditions, presigners, identity, budgets }: Parts): Routes {
  const owners = rememberOwners(posts.has);

  return {
    'POST /posts': create,
    'GET /posts': createListing(posts, presigners.renditions),
    'GET /labels': createLabelsRoute(posts),
    'GET /posts/:id': read,
    'GET /posts/:id/image': leadToImage,
    'PATCH /posts/:id': change,
    'DELETE /posts/:id': remove,
    'DELETE /posts/:id/image': removeImage,
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
      body: Object.assign(publicPost(post, await presigners.renditions()), { $metadata }),
    };
  }

  async function read(call: Call): Promise<Reply> {
    const post = await posts.find(idOf(call));
    if (!post) throw new HttpError(404, 'There is no such post.');
    const body = new JsonText(JSON.stringify(publicPost(post, await presigners.renditions(), true)));
    return { headers: revalidated(body), body };
  }

  async function leadToImage(call: Call): Promise<Reply> {
    const post = await posts.find(idOf(call));
    const location = post && sharedPhoto(post, await presigners.renditions());
    if (location === undefined) throw new HttpError(404, 'There is no such photo.');
    return { status: 302, headers: { location, 'cache-control': `public, max-age=${LEADS_FOR}` } };
  }

  async function change(call: Call): Promise<Reply> {
    const { name: user } = await identity.callerOf(call.headers);
    budgets.posts.spend(spenderOf(identity, call, user));
    const id = idOf(call);
    const changes = parseInput(changeSchema, await call.json());
    const post = await posts.change(user, id, changes);
    if (post) return { body: publicPost(post, await presigners.renditions(), true) };
    const hasNoLabels = changes.labels !== undefined && (await posts.has(user, id));
    throw hasNoLabels ? new HttpError(409, 'labels: the post has no photo that is labelled') : notYours();
  }

  async function remove(call: Call): Promise<Reply> {
    const { name: user } = await identity.callerOf(call.headers);
    const id = idOf(call);
    owners.forget(user, id);
    // Photos first: as long as the item is there, a failure half way can be retried. Once more after the item, for a
    // photo that landed meanwhile; later ones are the labeler's, which finds no post.
    await removePhotos(photoPrefix(user, id));
    const { post, $metadata } = await posts.remove(user, id);
    await removePhotos(photoPrefix(user, id));
    owners.forget(user, id);
    if (!post) throw notYours();
    return { body: { $metadata, Attributes: publicPost(post, await presigners.renditions()) } };
  }

  async function removeImage(call: Call): Promise<Reply> {
    const { name: user } = await identity.callerOf(call.headers);
    const id = idOf(call);
    // The item first: from then on no photo that is signed by now can be stored, so that one look at the buckets is enough.
    const removed = await posts.removePhoto(user, id);
    if (!removed) throw notYours();
    const { post, mark, $metadata } = removed;
    await removePhotos(photoPrefix(user, id), mark);
    return { body: { $metadata, Attributes: publicPost(post, await presigners.renditions()) } };
  }

  /**
   * In both buckets. Where one fails the other is waited for: nothing goes on behind the answer.
   * @param mark those of photos that come before it; all without
   */
  async function removePhotos(prefix: string, mark?: PhotoMark): Promise<void> {
    const removals = await Promise.allSettled(
      mark
        ? [images.removeOlder(prefix, mark), renditions.removeOlder(prefix, mark.folder)]
        : [images.removeAll(prefix), renditions.removeAll(prefix)],
    );
    for (const removal of removals) if (removal.status === 'rejected') throw removal.reason;
  }

  async function signUpload(call: Call): Promise<Reply> {
    const { name: user } = await identity.callerOf(call.headers);
    budgets.uploads.spend(spenderOf(identity, call, user));
    const { postId, filename, headers, signed } = parseUpload(call.query);
    if (!(await owners.owns(user, postId))) throw notYours();
    const objectName = imageKey(user, postId, uuidv7(), filename);
    const uploadURL = (await presigners.uploads()).put(objectName, signed);
    return { body: { uploadURL, objectName, method: 'PUT', headers, expiresIn: PUT_EXPIRES } };
  }
}

const notYours = () => new HttpError(404, 'You have no such post.');

const idOf = (call: Call): string => parseInput(postIdSchema, call.params.id, 'id');
