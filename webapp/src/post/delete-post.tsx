import type { Post } from '../api.ts';
import { explain } from '../i18n/explain.ts';
import { useText } from '../i18n/language.tsx';
import { TrashIcon } from '../layout/icons.tsx';
import { useServices } from '../services.ts';

/** Takes the post off the page at once, without a question: it can be undone for a while, and is if the server refuses. */
export function DeletePost({ post, onDeleted }: { post: Post; onDeleted?: (() => void) | undefined }) {
  const text = useText();
  const { deletions, notices } = useServices();
  return (
    <button
      type="button"
      className="quiet round delete"
      aria-label={text.remove.button(post.title)}
      title={text.remove.short}
      onClick={() => {
        deletions.start(post, (error) =>
          notices.say(`${text.remove.refused(post.title)} ${explain(error, text)}`, true),
        );
        onDeleted?.();
      }}
    >
      <TrashIcon />
    </button>
  );
}
