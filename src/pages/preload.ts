import { feedSizes, ONE_COLUMN, wholeSizes } from '../../webapp/src/photo-shape.ts';
import type { Post } from '../posts/post.ts';
import { element } from './writer.ts';

/** On which screens a photo of the first posts is to be seen at first: of one column only the first is. */
const FIRST_POSTS = [undefined, `not all and ${ONE_COLUMN}`, '(width >= 64rem)'];

/** The first photos of a list. */
export const preloadFeed = (posts: readonly Post[]): string =>
  posts
    .slice(0, FIRST_POSTS.length)
    .map((post, index) => preload(post, feedSizes, FIRST_POSTS[index]))
    .join('');

/** The photo of a post that has the screen to itself. */
export const preloadPost = (post: Post): string => preload(post, wholeSizes);

/** The rendition that the page will choose, too. */
function preload({ thumbnails, width, height }: Post, sizes: typeof feedSizes, media?: string): string {
  if (!thumbnails || !width || !height) return '';
  return element('link', {
    rel: 'preload',
    as: 'image',
    imagesrcset: thumbnails.map((it) => `${it.url} ${it.width}w`).join(', '),
    imagesizes: sizes({ width, height }),
    fetchpriority: 'high',
    ...(media !== undefined && { media }),
  });
}
