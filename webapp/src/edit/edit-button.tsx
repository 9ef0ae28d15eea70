import type { Post } from '../api.ts';
import { useText } from '../i18n/language.tsx';
import { PenIcon } from '../layout/icons.tsx';

/** Opens a post of one's own, to be written anew. */
export function EditButton({ post, onClick }: { post: Post; onClick: () => void }) {
  const text = useText();
  return (
    <button
      type="button"
      className="quiet round edit-post"
      aria-label={text.edit.button(post.title)}
      title={text.edit.short}
      onClick={onClick}
    >
      <PenIcon />
    </button>
  );
}
