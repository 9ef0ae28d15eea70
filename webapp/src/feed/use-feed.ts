import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { listPosts } from '../api.ts';
import { sentPage } from '../sent-page.ts';
import { useServices } from '../services.ts';
import { feedKey } from './post-cache.ts';

/** Milliseconds between two readings of the first page, while the tab is visible. */
const REREAD = 10_000;
/** Milliseconds for which a list that is not shown is kept for whoever comes back to it. */
const KEPT = 60 * 60_000;
/** Pixels scrolled before new posts wait for a click instead of pushing the page down. */
const SCROLLED = 500;

/**
 * A list of posts that keeps itself up to date.
 * @param list a user's name, or what `labelList` gives; everybody's without
 */
export function useFeed(list: string | undefined) {
  const { posts: cache } = useServices();
  const client = useQueryClient();
  const [isReturn] = useState(() => client.getQueryData(feedKey(list)) !== undefined);
  const feed = useInfiniteQuery({
    queryKey: feedKey(list),
    initialPageParam: undefined as string | undefined, // the first page has no cursor
    queryFn: async ({ pageParam, signal }) => cache.sift(await listPosts(list, pageParam, signal)),
    getNextPageParam: (page) => page.next,
    initialData: () => {
      const page = sentPage(list);
      return page && { pages: [cache.sift(page)], pageParams: [undefined] };
    },
    // Reading every loaded page again would grow with the scrolling: the first page is re-read below instead.
    staleTime: Infinity,
    gcTime: KEPT,
  });
  const head = useQuery({
    queryKey: ['head', list ?? ''],
    queryFn: async ({ signal }) =>
      cache.takeIn(list, await listPosts(list, undefined, signal), window.scrollY > SCROLLED),
    enabled: feed.isSuccess,
    initialData: 0,
    // The first reading of the list is the feed's own: this one begins a pause later, or on coming back to the screen.
    staleTime: Infinity,
    refetchInterval: REREAD,
    refetchOnMount: isReturn && 'always',
    refetchOnWindowFocus: 'always',
    refetchOnReconnect: 'always',
    retry: false,
  });
  return {
    feed,
    posts: feed.data?.pages.flatMap((page) => page.posts) ?? [],
    /** How many newer posts wait for the reader to come back up. */
    held: head.data,
    showHeld() {
      window.scrollTo({ top: 0, behavior: 'instant' });
      void head.refetch();
    },
  };
}
