import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { ApiError, fullId, readPost } from '../api.ts';
import { CardSkeleton } from '../feed/skeleton.tsx';
import { postKey } from '../feed/post-cache.ts';
import { useText } from '../i18n/language.tsx';
import { Empty, Failure, useTitle } from '../layout/status.tsx';
import { PostCard } from './post-card.tsx';

/** One post, its photo uncropped. */
export function PostScreen({ uuid }: { uuid: string }) {
  const text = useText();
  const [, navigate] = useLocation();
  const id = fullId(uuid);
  const post = useQuery({
    queryKey: postKey(id),
    queryFn: ({ signal }) => readPost(id, signal),
    refetchInterval: 10_000,
    refetchOnWindowFocus: true,
  });
  useTitle(post.data?.title ?? '');
  if (post.data) return <PostCard post={post.data} alone onDeleted={() => navigate('/')} />;
  if (post.isPending) return <CardSkeleton />;
  const missing = post.error instanceof ApiError && (post.error.status === 404 || post.error.status === 422);
  return missing ? (
    <Empty title={text.post.missing} lead={text.post.missingLead}>
      <Link href="/" className="button">
        {text.post.back}
      </Link>
    </Empty>
  ) : (
    <Failure
      title={text.feed.failed}
      error={post.error}
      onRetry={() => void post.refetch()}
      busy={post.isFetching}
    />
  );
}
