import { useLocation } from 'wouter';
import { useDrop, useHover } from '../compose/drop-and-paste.ts';
import { useText } from '../i18n/language.tsx';
import { useServices } from '../services.ts';
import { useSession } from '../session/session.tsx';
import './drop-anywhere.css';

/** On whatever screen photos are dropped, they become drafts, and the page never goes. */
export function DropAnywhere() {
  const text = useText();
  const { drafts, notices } = useServices();
  const { name } = useSession();
  const [location, navigate] = useLocation();
  const isComposing = location === '/new' && name !== undefined;
  const over = useHover();
  useDrop((files) => {
    drafts.take(files, isComposing ? 'open' : 'new');
    // Where a post is being edited, what was changed would be lost.
    if (document.querySelector('.edit-form')) notices.say(text.drafts.elsewhere);
    else if (location !== '/new') navigate('/new');
  });
  // The screen of a new post shows by itself where the photo goes.
  if (!over || isComposing) return null;
  return (
    <div className="drop-anywhere" aria-hidden="true">
      <p>{text.drafts.dropNow}</p>
    </div>
  );
}
