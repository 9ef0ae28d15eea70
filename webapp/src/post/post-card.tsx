import { useId } from 'react';
import { Link } from 'wouter';
import { bareId, type Post } from '../api.ts';
import { Lightbox } from '../lightbox/lightbox.tsx';
import { isPanorama } from '../photo-shape.ts';
import { passFocus } from '../layout/pass-focus.ts';
import { useSession } from '../session/session.tsx';
import { useUpload } from '../upload/use-upload.ts';
import { DeletePost } from './delete-post.tsx';
import { EditButton } from '../edit/edit-button.tsx';
import { Labels } from './labels.tsx';
import { OwnPhoto } from './own-photo.tsx';
import { Postmark } from './postmark.tsx';
import { SharePost } from '../share/share-post.tsx';
import { Stamp, tintOf } from './stamp.tsx';
import { UploadState } from './upload-state.tsx';
import './post-card.css';
import './letter.css';

type Props = {
  post: Post;
  /** On a screen of its own: its photo whole, its title that of the page. */
  alone?: boolean;
  /** In a list: width by height of the photo that it shows. */
  ratio?: number | undefined;
  /** In a list: which it is, counted from 1, and of how many, as far as that is known. */
  number?: number | undefined;
  of?: number | undefined;
  onDeleted?: () => void;
  onEdit?: () => void;
};

/** A post as a postcard: with a photo the side of the picture, and without one that of the letter. */
export function PostCard({ post, alone = false, ratio, number, of = -1, onDeleted, onEdit }: Props) {
  const titleId = useId();
  const { name } = useSession();
  const upload = useUpload(post.id);
  const mine = post.user === name;
  const Title = alone ? 'h1' : 'h2';
  const look = lookOf(post, upload !== undefined);
  const awaited = upload?.phase === 'sending' || upload?.phase === 'reading' || upload?.phase === 'late';
  return (
    <article
      className={['card', alone && 'alone', look].filter(Boolean).join(' ')}
      aria-labelledby={titleId}
      aria-posinset={number}
      aria-setsize={number === undefined ? undefined : of}
      ref={passFocus()}
    >
      <Stamp post={post} preview={upload?.preview} whole={alone} ratio={ratio}>
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
        {(alone || look === 'letter') && <div className="lines" aria-hidden="true" />}
        <div className="card-foot">
          <div className="card-news" aria-live="polite">
            {post.labels && !awaited && <Labels labels={post.labels} fresh={upload !== undefined} />}
            {mine && <OwnPhoto post={post} upload={upload} />}
          </div>
          {(alone || mine) && (
            <div className="card-tools">
              {alone && <SharePost post={post} />}
              {mine && onEdit && <EditButton post={post} onClick={onEdit} />}
              {mine && <DeletePost post={post} onDeleted={onDeleted} />}
            </div>
          )}
        </div>
      </div>
      {alone && <Lightbox posts={[post]} />}
    </article>
  );
}

function lookOf({ image, width = 4, height = 3 }: Post, isSending: boolean): string | undefined {
  if (image === undefined && !isSending) return 'letter';
  return isPanorama({ width, height }) ? 'panorama' : undefined;
}
