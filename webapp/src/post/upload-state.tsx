import type { Post } from '../api.ts';
import { useLanguage } from '../i18n/language.tsx';
import { CloseIcon } from '../layout/icons.tsx';
import { passFocus } from '../layout/pass-focus.ts';
import { useServices } from '../services.ts';
import type { Upload } from '../upload/uploads.ts';
import './upload-state.css';

/** Over the photo while it travels: how far it is, and a way to stop it. */
export function UploadState({ upload, post }: { upload: Upload; post: Post }) {
  const { text, language } = useLanguage();
  const { uploads } = useServices();
  if (upload.phase === 'sending') {
    const percent = new Intl.NumberFormat(language, { style: 'percent' }).format(upload.share);
    return (
      <div className="upload-state">
        <p id={`sending-${post.id}`}>
          {upload.share === 0 ? text.upload.waiting : text.upload.sending(percent)}
        </p>
        <progress value={upload.share} aria-label={text.upload.progress} />
        <button
          type="button"
          className="quiet round cancel"
          aria-label={text.upload.cancel}
          title={text.upload.cancel}
          onClick={() => uploads.cancel(post.id)}
          ref={passFocus(['.own-photo button', 'h1, .card-title a'], 'article')}
        >
          <CloseIcon />
        </button>
      </div>
    );
  }
  return upload.phase === 'reading' ? (
    <div className="upload-state scanning" role="status">
      <p>{text.upload.reading}</p>
    </div>
  ) : null;
}
