import { lazy, Suspense } from 'react';
import { DraftList } from '../drafts/draft-list.tsx';
import { useDrafts } from '../drafts/use-drafts.ts';
import { useText } from '../i18n/language.tsx';
import { useTitle } from '../layout/status.tsx';
import './compose.css';

/** Loaded when somebody writes: most come to read. */
export const loadDraftForm = () => import('./draft-form.tsx');
const DraftForm = lazy(loadDraftForm);

/** New posts: the one that is open, and a way to the others that are being written. */
export function ComposeScreen() {
  const text = useText();
  useTitle(text.compose.title);
  const { ready, drafts, open } = useDrafts();
  const draft = drafts.find(({ id }) => id === open);
  return (
    <div className="compose">
      <h1 tabIndex={-1}>{text.compose.title}</h1>
      {/* What this browser keeps comes a moment later; what is typed goes into it. */}
      {ready && <DraftList />}
      <Suspense>{ready && draft && <DraftForm key={draft.id} draft={draft} />}</Suspense>
    </div>
  );
}
