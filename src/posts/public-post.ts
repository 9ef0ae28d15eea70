import type { Presigner } from '../aws/presign.ts';
import type { Post, StoredPost } from './post.ts';

/**
 * A stored post as the API shows it. `labels` stays absent until the photo is labelled: the client shows its upload
 * form while it is falsy, and `[]` is truthy. A photo that was refused has no image: there may be nothing to show.
 */
export function publicPost({ key, ...post }: StoredPost, signer: Presigner): Post {
  return {
    ...post,
    ...(key && post.status === 'labelled' && { image: signer.get(key) }),
    ...(post.labels && { label: post.labels }),
  };
}
