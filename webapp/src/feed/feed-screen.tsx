import { useEffect, useRef, type ReactNode } from 'react';
import { Link } from 'wouter';
import { useText } from '../i18n/language.tsx';
import { PenIcon, UpIcon } from '../layout/icons.tsx';
import { passFocus } from '../layout/pass-focus.ts';
import { Empty, Failure, useTitle } from '../layout/status.tsx';
import { Lightbox } from '../lightbox/lightbox.tsx';
import { FeedRows } from './feed-rows.tsx';
import { FeedSkeleton } from './skeleton.tsx';
import { useFeed } from './use-feed.ts';
import './feed.css';

type Words = { title: string; empty: string; emptyLead: string };

/**
 * A list of posts.
 * @param list a user's name, or what `labelList` gives; everybody's without
 * @param canWrite offer to write the first post when there is none
 * @param children shown above the list
 */
export function FeedScreen(props: { list?: string; words: Words; canWrite?: boolean; children?: ReactNode }) {
  const { list, words } = props;
  useTitle(list === undefined ? '' : words.title);
  return (
    <>
      {props.children}
      <div className="feed-head">
        <h1 tabIndex={-1}>{words.title}</h1>
      </div>
      <FeedList list={list} words={words} canWrite={props.canWrite ?? true} />
    </>
  );
}

function FeedList({ list, words, canWrite }: { list: string | undefined; words: Words; canWrite: boolean }) {
  const text = useText();
  const { feed, posts, held, showHeld } = useFeed(list);
  if (feed.isPending) {
    return feed.fetchStatus === 'paused' ? (
      <p className="feed-end">{text.errors.offline}</p>
    ) : (
      <FeedSkeleton />
    );
  }
  if (feed.isError && posts.length === 0) {
    return (
      <Failure
        title={text.feed.failed}
        error={feed.error}
        onRetry={() => void feed.refetch()}
        busy={feed.isFetching}
      />
    );
  }
  if (posts.length === 0 && !feed.hasNextPage) {
    return (
      <Empty title={words.empty} lead={words.emptyLead}>
        {canWrite && (
          <Link href="/new" className="button">
            <PenIcon />
            {text.nav.write}
          </Link>
        )}
      </Empty>
    );
  }
  return (
    <>
      <div className="held" role="status">
        {held > 0 && (
          <button type="button" className="button small" onClick={showHeld} ref={passFocus()}>
            <UpIcon />
            {text.feed.arrived(held)}
          </button>
        )}
      </div>
      <FeedRows posts={posts} more={feed.hasNextPage && !feed.isFetchNextPageError} />
      <FeedEnd feed={feed} />
      <Lightbox
        posts={posts}
        onNear={() => {
          if (feed.hasNextPage && !feed.isFetching) void feed.fetchNextPage();
        }}
      />
    </>
  );
}

function FeedEnd({ feed }: { feed: ReturnType<typeof useFeed>['feed'] }) {
  const text = useText();
  if (feed.isFetchNextPageError) {
    return (
      <Failure
        title={text.feed.moreFailed}
        error={feed.error}
        onRetry={() => void feed.fetchNextPage()}
        busy={feed.isFetching}
      />
    );
  }
  if (!feed.hasNextPage) return <p className="feed-end">{text.feed.end}</p>;
  return (
    <>
      <Sentinel key={feed.data?.pages.length} onNear={() => void feed.fetchNextPage()} />
      <p className="feed-end" role="status">
        {feed.isFetchingNextPage ? text.feed.loadingMore : ''}
      </p>
    </>
  );
}

/** Calls once when the reader comes within a screen or so of it. */
function Sentinel({ onNear }: { onNear: () => void }) {
  const element = useRef<HTMLDivElement>(null);
  const near = useRef(onNear);
  near.current = onNear;
  useEffect(() => {
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) near.current();
      },
      { rootMargin: '1000px' },
    );
    if (element.current) observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return <div ref={element} aria-hidden="true" />;
}
