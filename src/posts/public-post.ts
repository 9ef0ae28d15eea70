import type { Presigner } from '../aws/presign.ts';
import type { Post, StoredPost } from './post.ts';

/** How a photo is served, whatever headers it was uploaded with. */
const SHOWN = {
  'image/jpeg': { type: 'image/jpeg', filename: 'photo.jpg' },
  'image/png': { type: 'image/png', filename: 'photo.png' },
};

/**
 * A stored post as the API shows it. `labels` stays absent until the photo is labelled: the client shows its upload
 * form while it is falsy, and `[]` is truthy. A photo that was refused has no image: there is nothing to show.
 */
export function publicPost({ key, version, type, ...post }: StoredPost, signer: Presigner): Post {
  return {
    ...post,
    // Posts of before have neither version nor type; a browser shows a PNG that is called a JPEG.
    ...(key &&
      post.status === 'labelled' && { image: signer.get(key, version, SHOWN[type ?? 'image/jpeg']) }),
    ...(post.labels && { label: post.labels }),
  };
}
