import { useQuery, type Query } from '@tanstack/react-query';
import { lazy, startTransition, useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { fullId, type Post } from '../api.ts';
import { isGone } from '../call.ts';
import { sentPost } from '../sent-page.ts';
import { CardSkeleton } from '../feed/skeleton.tsx';
import { postKey } from '../feed/post-cache.ts';
import { useText } from '../i18n/language.tsx';
import { Empty, Failure, useTitle } from '../layout/status.tsx';
import { useServices } from '../services.ts';
import { useSession } from '../session/session.tsx';
import { PostCard } from './post-card.tsx';

const EditCard = lazy(() => import('../edit/edit-card.tsx'));

/** Milliseconds between two readings, while the tab is visible. */
const REREAD = 10_000;

/** One post, its photo uncropped. What a list knows of it, or the page was sent with, is shown at once, and read anew. */
export function PostScreen({ uuid }: { uuid: string }) {
  const text = useText();
  const { posts } = useServices();
  const [, navigate] = useLocation();
  const { name } = useSession();
  const [editing, setEditing] = useState(false);
  const wasEditing = useRef(false);
  useEffect(() => {
    // Back from editing, one goes on where it began.
    if (wasEditing.current && !editing) document.querySelector<HTMLElement>('.edit-post')?.focus();
    wasEditing.current = editing;
  }, [editing]);
  const id = fullId(uuid);
  const post = useQuery({
    queryKey: postKey(id),
    queryFn: ({ signal }) => posts.read(id, signal),
    initialData: () => posts.find(id) ?? sentPost(id),
    refetchInterval: (query) => mayStillBe(query) && REREAD,
    refetchOnWindowFocus: mayStillBe,
    refetchOnReconnect: mayStillBe,
  });
  const missing = isGone(post.error);
  useTitle(missing ? text.post.missing : (post.data?.title ?? ''));
  if (missing) {
    return (
      <Empty title={text.post.missing} lead={text.post.missingLead} alone>
        <Link href="/" className="button">
          {text.post.back}
        </Link>
      </Empty>
    );
  }
  if (post.data && editing && post.data.user === name) {
    return <EditCard post={post.data} onDone={() => setEditing(false)} />;
  }
  if (post.data) {
    return (
      <PostCard
        post={post.data}
        alone
        onDeleted={() => navigate('/')}
        // Until the form is there, the post stays.
        onEdit={() => startTransition(() => setEditing(true))}
      />
    );
  }
  if (post.isPending) return <CardSkeleton />;
  return (
    <Failure
      title={text.feed.failed}
      error={post.error}
      onRetry={() => void post.refetch()}
      busy={post.isFetching}
      alone
    />
  );
}

/** A post that is gone does not come back: it is not asked for again. */
function mayStillBe({ state }: Query<Post>): boolean {
  return !isGone(state.error);
}
