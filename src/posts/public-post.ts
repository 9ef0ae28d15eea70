import type { Presigner } from '../aws/presign.ts';
import { renditionKey } from '../renditions/rendition-store.ts';
import { renditionWidths } from '../renditions/sizes.ts';
import { photoPrefix, type Post, renditionFolder, type StoredPost } from './post.ts';

/** Characters of a uuid. */
const UUID = 36;

/**
 * A stored post as the API shows it. `labels` stays absent until the photo is labelled: the client shows its upload
 * form while it is falsy, and `[]` is truthy. A photo that was refused has no image: there is nothing to show, and neither has
 * one that was labelled before there were renditions, until it has some.
 * @param thumbnails whether all renditions are shown, and not the largest one alone
 */
export function publicPost(stored: StoredPost, signer: Presigner, thumbnails = false): Post {
  const { key, sequencer: _sequencer, ...post } = stored;
  return {
    ...post,
    ...(key && post.status === 'labelled' && renditionsOf(stored, key, signer, thumbnails)),
    ...(post.labels && { label: post.labels }),
  };
}

function renditionsOf(
  { user, id, sequencer = '', width, height }: StoredPost,
  key: string,
  signer: Presigner,
  thumbnails: boolean,
): Pick<Post, 'image' | 'thumbnails'> {
  if (!width || !height) return {};
  const { length } = photoPrefix(user, id);
  const folder = renditionFolder(user, id, key.slice(length, length + UUID), sequencer);
  const widths = renditionWidths({ width, height });
  const urlOf = (one: number) => signer.get(renditionKey(folder, one));
  return {
    image: urlOf(widths.at(-1) ?? width),
    ...(thumbnails && { thumbnails: widths.map((one) => ({ width: one, url: urlOf(one) })) }),
  };
}
