import { useState } from 'react';
import { bareId, type Post } from '../api.ts';
import { useText } from '../i18n/language.tsx';
import { ShareIcon } from '../layout/icons.tsx';
import { LinkPanel } from './link-panel.tsx';

/** Hands the address of a post to whatever the reader shares things with; a browser that knows nothing of the kind shows it. */
export function SharePost({ post }: { post: Post }) {
  const text = useText();
  const [showing, setShowing] = useState(false);
  const address = new URL(`/p/${bareId(post.id)}`, window.location.origin).href;
  return (
    <>
      <button
        type="button"
        className="quiet round share-post"
        aria-label={text.share.button(post.title)}
        title={text.share.short}
        onClick={() => void share(post.title, address, () => setShowing(true))}
      >
        <ShareIcon />
      </button>
      {showing && <LinkPanel address={address} onClose={() => setShowing(false)} />}
    </>
  );
}

async function share(title: string, url: string, show: () => void) {
  // Absent where the connection is not secure, whatever the types say.
  if (!('share' in navigator)) return show();
  try {
    await navigator.share({ title, url });
  } catch (error) {
    // Somebody who thought better of it wants nothing else.
    if (!(error instanceof DOMException && error.name === 'AbortError')) show();
  }
}
