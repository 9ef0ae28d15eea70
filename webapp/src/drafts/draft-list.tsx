import { useText } from '../i18n/language.tsx';
import { PenIcon } from '../layout/icons.tsx';
import { useServices } from '../services.ts';
import type { Draft } from './draft.ts';
import { useDrafts } from './use-drafts.ts';
import { usePreview } from './use-preview.ts';
import './draft-list.css';

/** Which drafts there are, when there are several: each as a small stamp that opens it. */
export function DraftList() {
  const text = useText();
  const { drafts, open } = useDrafts();
  if (drafts.length < 2) return null;
  return (
    <nav aria-label={text.drafts.list}>
      <ol className="draft-list">
        {drafts.map((draft, index) => (
          <li key={draft.id}>
            <DraftButton draft={draft} number={index + 1} isOpen={draft.id === open} />
          </li>
        ))}
      </ol>
    </nav>
  );
}

function DraftButton({ draft, number, isOpen }: { draft: Draft; number: number; isOpen: boolean }) {
  const text = useText();
  const { drafts } = useServices();
  const preview = usePreview(draft.photo?.blob);
  return (
    <button
      type="button"
      className="draft-button"
      aria-label={text.drafts.item(number, draft.title.trim())}
      title={draft.title.trim()}
      aria-current={isOpen}
      onClick={() => drafts.open(draft.id)}
    >
      {preview === undefined ? <PenIcon /> : <img src={preview} alt="" width={64} height={64} />}
    </button>
  );
}
