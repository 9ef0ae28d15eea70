import type { Post } from '../api.ts';
import { explain } from '../i18n/explain.ts';
import { explainRefusal } from '../i18n/refusals.ts';
import { useText } from '../i18n/language.tsx';
import { PhotoIcon, RetryIcon } from '../layout/icons.tsx';
import { passFocus } from '../layout/pass-focus.ts';
import { useServices } from '../services.ts';
import { ChoosePhoto, usePhoto } from '../upload/choose-photo.tsx';
import type { Upload } from '../upload/uploads.ts';

/** What the author of a post can do about its photo: give it one, send it again, or choose another. */
export function OwnPhoto({ post, upload }: { post: Post; upload: Upload | undefined }) {
  const text = useText();
  const { uploads } = useServices();
  const photo = usePhoto(({ blob }) => uploads.start(post, blob));
  const phase = upload?.phase;
  if (phase === 'sending' || phase === 'reading') return null;
  if (phase === 'late') return <p className="photo-note">{text.upload.late}</p>;
  const unsent = phase === 'failed' || phase === 'cancelled';
  const refused = !unsent && post.status === 'failed';
  if (!unsent && !refused && post.labels) return null;
  return (
    <div className="own-photo" ref={passFocus(['.cancel', 'h1, .card-title a'], 'article')}>
      {phase === 'failed' && (
        <p className="photo-note bad" role="alert">
          {text.upload.failed} {explain(upload?.error, text)}
        </p>
      )}
      {phase === 'cancelled' && <p className="photo-note">{text.upload.cancelled}</p>}
      {refused && (
        <p className="photo-note bad">
          {text.post.photoRefused} {post.error !== undefined && explainRefusal(post.error, text)}
        </p>
      )}
      {photo.problem !== undefined && (
        <p className="photo-note bad" role="alert">
          {photo.problem}
        </p>
      )}
      <div className="own-photo-actions">
        {unsent && upload && (
          <button type="button" className="button small" onClick={() => uploads.again(post.id)}>
            <RetryIcon />
            {text.upload.retry}
          </button>
        )}
        <ChoosePhoto
          className="button small plain"
          label={`${unsent || refused ? text.post.chooseAnother : text.post.choosePhoto}: ${text.post.addTo(post.title)}`}
          onFiles={([file]) => void photo.take(file)}
        >
          <PhotoIcon />
          {photo.busy
            ? text.upload.waiting
            : unsent || refused
              ? text.post.chooseAnother
              : text.post.choosePhoto}
        </ChoosePhoto>
      </div>
    </div>
  );
}
