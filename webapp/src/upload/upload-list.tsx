import { useSyncExternalStore } from 'react';
import { Link } from 'wouter';
import { bareId } from '../api.ts';
import { isGone } from '../call.ts';
import { explain } from '../i18n/explain.ts';
import { useLanguage } from '../i18n/language.tsx';
import { RetryIcon } from '../layout/icons.tsx';
import { passFocus } from '../layout/pass-focus.ts';
import { useServices } from '../services.ts';
import type { Upload } from './uploads.ts';
import './upload-list.css';

/** On every screen: the photos that are on their way, and those that did not arrive. */
export function UploadList() {
  const { text } = useLanguage();
  const { uploads } = useServices();
  const all = useSyncExternalStore(uploads.subscribe, uploads.get);
  const shown = [...all.values()].filter(({ phase }) => ['sending', 'failed', 'cancelled'].includes(phase));
  if (shown.length === 0) return null;
  return (
    <section className="upload-list" aria-label={text.upload.list}>
      {shown.map((upload) => (
        <div className="notice upload" key={upload.post.id} ref={passFocus()}>
          {upload.phase === 'sending' ? <Sending upload={upload} /> : <Unsent upload={upload} />}
        </div>
      ))}
    </section>
  );
}

function Sending({ upload: { post, share } }: { upload: Upload }) {
  const { text, language } = useLanguage();
  const percent = new Intl.NumberFormat(language, { style: 'percent' }).format(share);
  return (
    <p>
      {text.upload.underWay(percent)} <PostLink post={post} />
    </p>
  );
}

function Unsent({ upload: { post, phase, error } }: { upload: Upload }) {
  const { text } = useLanguage();
  const { uploads, notices } = useServices();
  const gone = isGone(error);
  const words =
    phase === 'cancelled' ? text.upload.cancelled : `${text.upload.failed} ${explain(error, text)}`;
  return (
    <>
      <p>
        {gone ? text.upload.gone : words} <PostLink post={post} />
      </p>
      <div className="upload-actions" ref={passFocus()}>
        {!gone && (
          <button
            type="button"
            className="button small"
            aria-label={text.upload.againFor(post.title)}
            onClick={() => uploads.again(post.id)}
          >
            <RetryIcon />
            {text.upload.again}
          </button>
        )}
        <button
          type="button"
          className="link"
          aria-label={text.upload.letGoOf(post.title)}
          onClick={() => notices.say(text.upload.gaveUp(post.title), false, uploads.letGo(post.id))}
        >
          {text.upload.letGo}
        </button>
      </div>
    </>
  );
}

function PostLink({ post }: { post: Upload['post'] }) {
  return (
    <Link href={`/p/${bareId(post.id)}`} dir="auto">
      {post.title}
    </Link>
  );
}
