import { useSyncExternalStore } from 'react';
import { bareId, type Post } from '../api.ts';
import { useText } from '../i18n/language.tsx';
import { passFocus, screenStart } from '../layout/pass-focus.ts';
import { UndoButton } from '../layout/status.tsx';
import { useServices } from '../services.ts';

/** What was just deleted, for as long as it can be had back. */
export function UndoList() {
  const { deletions } = useServices();
  const posts = useSyncExternalStore(deletions.subscribe, deletions.get);
  return posts.map((post) => <Undo key={post.id} post={post} />);
}

function Undo({ post }: { post: Post }) {
  const text = useText();
  const { deletions } = useServices();
  return (
    <div className="notice" ref={passFocus()}>
      <UndoButton
        words={text.remove.done(post.title)}
        onClick={() => {
          deletions.undo(post.id);
          focusOn(post);
        }}
      />
    </div>
  );
}

/** Frames in which a list has its post again, at the most. */
const FRAMES = 30;

/** The post is where it was, as soon as the list has been put together again; where there is no list the screen begins anew. */
function focusOn(post: Post, frames = FRAMES) {
  requestAnimationFrame(() => {
    const link = linkTo(post);
    if (link || frames === 0) (link ?? screenStart())?.focus();
    else focusOn(post, frames - 1);
  });
}

const linkTo = ({ id }: Post) =>
  document.querySelector<HTMLElement>(`.card-title a[href$="/p/${bareId(id)}"]`);
