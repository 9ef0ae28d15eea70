import { uuidOf, type Post } from '../posts/post.ts';
import { heightAt, sharedWidth } from '../renditions/sizes.ts';
import { excerpt } from './excerpt.ts';
import type { Meta } from './writer.ts';

const SITE = 'Postagram';

/** Characters that a title or a description has at most. */
const LONGEST = 200;

/** Posts of a user that are named in the description of their page. */
const NAMED_POSTS = 3;

/**
 * What a link to a post tells, by Open Graph (https://ogp.me), whose addresses are whole: without a `publicUrl` there are none.
 * @param publicUrl origin of the site
 */
export function metaOfPost(post: Post, publicUrl: string | undefined): Meta {
  return metaOf({
    type: 'article',
    title: excerpt(post.title, LONGEST),
    description: excerpt(post.body, LONGEST),
    pictured: post,
    url: publicUrl && `${publicUrl}/p/${uuidOf(post.id)}`,
    publicUrl,
  });
}

/** What a link to a user's posts tells: the titles of the newest, and the newest photo. @param posts newest first */
export function metaOfUser(user: string, posts: readonly Post[], publicUrl: string | undefined): Meta {
  const titles = posts.slice(0, NAMED_POSTS).map(({ title }) => title);
  const name = excerpt(user, LONGEST);
  return metaOf({
    type: 'profile',
    title: `Posts by ${name}`,
    description: titles.length > 0 ? excerpt(titles.join(' · '), LONGEST) : `Nothing from ${name} yet`,
    pictured: posts.find(({ image }) => image !== undefined),
    url: publicUrl && `${publicUrl}/u/${encodeURIComponent(user)}`,
    publicUrl,
  });
}

/** Nothing of it is to be found, or shown elsewhere. @param path of the page, whose title is the one that its screen gives it */
export const metaOfMissing = (path: string): Meta => ({
  title: `${path.startsWith('/p/') ? 'This post is gone' : 'Nobody has this name'} · ${SITE}`,
  named: { description: 'There is nothing at this address.', robots: 'noindex' },
});

type Told = {
  type: string;
  title: string;
  description: string;
  /** The post whose photo it is shown with. */
  pictured: Post | undefined;
  url: string | undefined;
  publicUrl: string | undefined;
};

function metaOf({ type, title, description, pictured, url, publicUrl }: Told): Meta {
  const image = publicUrl && pictured ? imageOf(pictured, publicUrl) : undefined;
  return {
    title: `${title} · ${SITE}`,
    named: { description, 'twitter:card': image ? 'summary_large_image' : 'summary' },
    properties: {
      'og:type': type,
      'og:site_name': SITE,
      'og:title': title,
      'og:description': description,
      ...(url && { 'og:url': url }),
      ...image,
    },
    canonical: url,
  };
}

function imageOf({ id, image, title, alt, width, height }: Post, publicUrl: string) {
  if (image === undefined || !width || !height) return undefined;
  const shown = sharedWidth({ width, height });
  return {
    'og:image': `${publicUrl}/posts/${uuidOf(id)}/image`,
    'og:image:type': 'image/webp',
    'og:image:width': String(shown),
    'og:image:height': String(heightAt(shown, { width, height })),
    'og:image:alt': excerpt(alt ?? title, LONGEST),
  };
}
