import { useId } from 'react';
import { Link } from 'wouter';
import { bareId, type Post } from '../api.ts';
import { passFocus } from '../layout/pass-focus.ts';
import { useSession } from '../session/session.tsx';
import { useUpload } from '../upload/use-upload.ts';
import { DeletePost } from './delete-post.tsx';
import { EditButton } from './edit-card.tsx';
import { Labels } from './labels.tsx';
import { OwnPhoto } from './own-photo.tsx';
import { Postmark } from './postmark.tsx';
import { Stamp, tintOf } from './stamp.tsx';
import { UploadState } from './upload-state.tsx';
import './post-card.css';

/**
 * A post as a postcard.
 * @param alone on a screen of its own: its photo whole, its title that of the page
 */
export function PostCard({
  post,
  alone = false,
  onDeleted,
  onEdit,
}: {
  post: Post;
  alone?: boolean;
  onDeleted?: () => void;
  onEdit?: () => void;
}) {
  const titleId = useId();
  const { name } = useSession();
  const upload = useUpload(post.id);
  const mine = post.user === name;
  const Title = alone ? 'h1' : 'h2';
  const awaited = upload?.phase === 'sending' || upload?.phase === 'reading' || upload?.phase === 'late';
  return (
    <article className={alone ? 'card alone' : 'card'} aria-labelledby={titleId} ref={passFocus()}>
      <Stamp post={post} preview={upload?.preview} whole={alone}>
        {upload && <UploadState upload={upload} post={post} />}
      </Stamp>
      <div className="card-text">
        <div className="card-head">
          <Link href={`/u/${encodeURIComponent(post.user)}`} className="author">
            <span className={`monogram ${tintOf(post.user)}`} aria-hidden="true">
              {[...post.user][0]}
            </span>
            <span className="author-name" dir="auto">
              {post.user}
            </span>
          </Link>
          <Postmark at={post.createdAt} />
        </div>
        <Title id={titleId} className="card-title" dir="auto" tabIndex={alone ? -1 : undefined}>
          {alone ? post.title : <Link href={`/p/${bareId(post.id)}`}>{post.title}</Link>}
        </Title>
        <p className="card-body" dir="auto">
          {post.body}
        </p>
        <div className="card-foot">
          <div className="card-news" aria-live="polite">
            {post.labels && !awaited && <Labels labels={post.labels} fresh={upload !== undefined} />}
            {mine && <OwnPhoto post={post} upload={upload} />}
          </div>
          {mine && (
            <div className="card-tools">
              {onEdit && <EditButton post={post} onClick={onEdit} />}
              <DeletePost post={post} onDeleted={onDeleted} />
            </div>
          )}
        </div>
      </div>
    </article>
  );
}
