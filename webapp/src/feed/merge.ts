import type { InfiniteData } from '@tanstack/react-query';
import type { Page, Post } from '../api.ts';
import { steadyImage } from '../photo-address.ts';

/** The pages of a list that are on the page. */
export type FeedData = InfiniteData<Page, string | undefined>;

/**
 * Puts a freshly read first page in the place of what was known of that stretch: changes show, deleted posts go,
 * older pages stay. With nothing in common the fresh page stands alone, because what lies between is not known.
 */
export function mergeFirstPage(data: FeedData, fresh: Page): FeedData {
  const oldest = fresh.posts.at(-1)?.id;
  const known = new Map(data.pages.flatMap((page) => page.posts).map((post) => [post.id, post]));
  const posts = fresh.posts.map((post) => withSteadyImage(known.get(post.id), post));
  const touches = posts.some((post) => known.has(post.id));
  const [first, ...rest] = data.pages;
  if (!first || oldest === undefined || fresh.next === undefined || !touches) {
    return { pages: [{ ...fresh, posts }], pageParams: [undefined] };
  }
  const older = (page: Page) => page.posts.filter((post) => post.id < oldest);
  return {
    pages: [
      { posts: [...posts, ...older(first)], next: first.next },
      ...rest.map((page) => ({ ...page, posts: older(page) })),
    ],
    pageParams: data.pageParams,
  };
}

/** Adds a post where its id puts it, newest first; a known one stays as it is. */
export function insertPost(data: FeedData, post: Post): FeedData {
  if (data.pages.some((page) => page.posts.some(({ id }) => id === post.id))) return data;
  const last = data.pages.length - 1;
  const at = data.pages.findIndex((page, i) => i === last || (page.posts.at(-1)?.id ?? '') < post.id);
  return mapPages(data, (page, i) => {
    if (i !== at) return page.posts;
    const older = page.posts.findIndex(({ id }) => id < post.id);
    return page.posts.toSpliced(older === -1 ? page.posts.length : older, 0, post);
  });
}

export function replacePost(data: FeedData, post: Post): FeedData {
  return mapPages(data, (page) => page.posts.map((old) => (old.id === post.id ? post : old)));
}

export function dropPost(data: FeedData, id: string): FeedData {
  return mapPages(data, (page) => page.posts.filter((post) => post.id !== id));
}

function mapPages(data: FeedData, change: (page: Page, index: number) => Post[]): FeedData {
  return { ...data, pages: data.pages.map((page, i) => ({ ...page, posts: change(page, i) })) };
}

/** A fresh reading of a post, its photo at the address that is already on the page where that is still good. */
export function withSteadyImage(old: Post | undefined, post: Post): Post {
  const image = steadyImage(old?.image, post.image);
  if (image === undefined || image === post.image) return post;
  // All addresses of a photo are signed at once.
  return { ...post, image, ...(old?.thumbnails && { thumbnails: old.thumbnails }) };
}
