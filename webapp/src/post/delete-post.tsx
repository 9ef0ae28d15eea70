import { Dialog, DialogDescription, DialogDismiss, DialogHeading } from '@ariakit/react/dialog';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, deletePost, type Post } from '../api.ts';
import { explain } from '../i18n/explain.ts';
import { useText } from '../i18n/language.tsx';
import { TrashIcon } from '../layout/icons.tsx';
import { screenStart } from '../layout/pass-focus.ts';
import { useServices } from '../services.ts';
import './delete-post.css';

/** Asks, takes the post off the page at once, and puts it back if the server refuses. */
export function DeletePost({ post, onDeleted }: { post: Post; onDeleted?: (() => void) | undefined }) {
  const text = useText();
  const [asking, setAsking] = useState(false);
  const remove = useDelete(post);
  return (
    <>
      <button
        type="button"
        className="quiet round delete"
        aria-label={text.remove.button(post.title)}
        title={text.remove.short}
        onClick={() => setAsking(true)}
      >
        <TrashIcon />
      </button>
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        unmountOnHide
        role="alertdialog"
        className="dialog"
        backdrop={<div className="backdrop" />}
      >
        <DialogHeading className="dialog-title">{text.remove.title}</DialogHeading>
        <DialogDescription render={<p />}>{text.remove.lead(post.title)}</DialogDescription>
        <div className="dialog-actions">
          <DialogDismiss className="button plain" autoFocus>
            {text.remove.keep}
          </DialogDismiss>
          <button
            type="button"
            className="button danger"
            onClick={() => {
              setAsking(false);
              remove();
              onDeleted?.();
              // The card, and the focus with it, is about to go.
              requestAnimationFrame(() => screenStart()?.focus());
            }}
          >
            {text.remove.confirm}
          </button>
        </div>
      </Dialog>
    </>
  );
}

function useDelete(post: Post): () => void {
  const text = useText();
  const { posts, uploads, notices } = useServices();
  const { mutate } = useMutation({
    mutationFn: () => deletePost(post.user, post.id),
    onMutate: () => posts.remove(post),
    onSuccess: () => {
      uploads.drop(post.id);
      notices.say(text.remove.done(post.title));
    },
    onError: (error, _nothing, putBack) => {
      // Gone already, by another tab perhaps: what was wanted.
      if (error instanceof ApiError && error.status === 404) return;
      putBack?.();
      notices.say(`${text.remove.refused(post.title)} ${explain(error, text)}`, true);
    },
  });
  return mutate;
}
