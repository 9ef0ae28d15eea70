import type { QueryClient } from '@tanstack/react-query';
import { readPost, type Page, type Post } from '../api.ts';
import { ApiError, isGone } from '../call.ts';
import {
  dropPost,
  insertPost,
  mergeFirstPage,
  replacePost,
  withSteadyImage,
  type FeedData,
} from './merge.ts';

/** What a change made of a post that is read meanwhile. */
type Edit = (reading: Post) => Post;

/** Milliseconds for which what everybody sees may lag behind what this tab did; measured lags are under a second. */
const LAG = 30_000;

/** @param list a user's name, or what `labelList` gives; everybody's without */
export const feedKey = (list: string | undefined) => ['feed', list ?? ''] as const;
export const postKey = (id: string) => ['post', id] as const;

/**
 * The posts on the page, and the changes this tab made to them. The server's lists may be a moment behind: what was
 * just posted stays, and what was just deleted does not come back, whatever they say.
 */
export function createPostCache(client: QueryClient) {
  const posted = new Map<string, { post: Post; at: number }>();
  const gone = new Set<string>();
  const edits = new Map<string, { apply: Edit; at: number }[]>();

  function changeFeeds(change: (data: FeedData, user: string | undefined) => FeedData) {
    for (const [key] of client.getQueriesData<FeedData>({ queryKey: ['feed'] })) {
      const user = String(key[1]) || undefined;
      client.setQueryData<FeedData>(key, (data) => data && change(data, user));
    }
  }

  function put(post: Post) {
    changeFeeds((data, user) => (user === undefined || user === post.user ? insertPost(data, post) : data));
  }

  function find(id: string): Post | undefined {
    const pages = client
      .getQueriesData<FeedData>({ queryKey: ['feed'] })
      .flatMap(([, data]) => data?.pages ?? []);
    return pages.flatMap(({ posts }) => posts).find((post) => post.id === id);
  }

  /** Whether everybody's view of a post may still be from before it was made here. */
  function isNew({ post, at }: { post: Post; at: number }): boolean {
    return Date.now() - at < LAG && !gone.has(post.id);
  }

  /** A reading of a post, which may be from before it was changed here. */
  function settle(post: Post): Post {
    const recent = (edits.get(post.id) ?? []).filter(({ at }) => Date.now() - at < LAG);
    return recent.reduce((settled, { apply }) => apply(settled), post);
  }

  function sift(page: Page): Page {
    return { ...page, posts: page.posts.filter((post) => !gone.has(post.id)).map(settle) };
  }

  /** A newer reading of a post. */
  function update(reading: Post) {
    const post = settle(reading);
    const mine = posted.get(post.id);
    if (mine) posted.set(post.id, { ...mine, post });
    client.setQueryData(postKey(post.id), post);
    changeFeeds((data) => replacePost(data, post));
  }

  return {
    sift,

    /** What the lists on the page know of a post. */
    find,

    /**
     * Reads one post anew. One that is gone leaves the lists, too.
     * @throws ApiError as `readPost`, and for what this tab deleted without asking
     */
    async read(id: string, signal: AbortSignal): Promise<Post> {
      if (gone.has(id)) throw new ApiError('refused', 404);
      try {
        const post = settle(await readPost(id, signal));
        return withSteadyImage(client.getQueryData<Post>(postKey(id)), post);
      } catch (error) {
        if (!isGone(error)) throw error;
        const mine = posted.get(id);
        if (mine && isNew(mine)) return mine.post;
        changeFeeds((data) => dropPost(data, id));
        throw error;
      }
    },

    /** A post made in this tab. */
    add(post: Post) {
      posted.set(post.id, { post, at: Date.now() });
      put(post);
    },

    update,

    /** A change that the server has taken: what it answered, or what is left of the post. What is read next may not have it. */
    edit(post: Post, apply: Edit) {
      edits.set(post.id, [...(edits.get(post.id) ?? []), { apply, at: Date.now() }]);
      update(post);
    },

    /** Takes a post off the page at once; the answer puts it back. */
    remove(post: Post): () => void {
      gone.add(post.id);
      client.removeQueries({ queryKey: postKey(post.id) });
      changeFeeds((data) => dropPost(data, post.id));
      return () => {
        gone.delete(post.id);
        put(post);
        client.setQueryData(postKey(post.id), post);
      };
    },

    /**
     * Works a fresh first page into what is shown.
     * @param hold keep newer posts of others back, because the reader has scrolled and they would push the page down
     * @returns how many posts were held back
     */
    takeIn(list: string | undefined, fresh: Page, hold: boolean): number {
      const data = client.getQueryData<FeedData>(feedKey(list));
      if (!data) return 0;
      const page = sift(fresh);
      const newest = data.pages[0]?.posts[0]?.id ?? '';
      const held = hold ? page.posts.filter((post) => post.id > newest && !posted.has(post.id)) : [];
      // A whole page of new posts has no common post with the old ones to be merged at: it waits for the reader.
      if (held.length > 0 && held.length === page.posts.length) return held.length;
      let merged = mergeFirstPage(data, {
        ...page,
        posts: page.posts.filter((post) => !held.includes(post)),
      });
      for (const mine of posted.values()) {
        const belongs = list === undefined || list === mine.post.user;
        if (belongs && isNew(mine)) merged = insertPost(merged, mine.post);
      }
      client.setQueryData(feedKey(list), merged);
      return held.length;
    },
  };
}

export type PostCache = ReturnType<typeof createPostCache>;
