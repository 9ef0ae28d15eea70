import { feedSizes, ONE_COLUMN, wholeSizes } from '../../webapp/src/photo-shape.ts';
import type { Post } from '../posts/post.ts';
import { element } from './writer.ts';

/** Posts among which photos are looked for that are on the screen at first. */
const FIRST_POSTS = 2;

/** The first photos of a list. Of one column only the first is on the screen. */
export const preloadFeed = (posts: readonly Post[]): string =>
  posts
    .slice(0, FIRST_POSTS)
    .map((post, index) => preload(post, feedSizes, index > 0 ? `not all and ${ONE_COLUMN}` : undefined))
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
