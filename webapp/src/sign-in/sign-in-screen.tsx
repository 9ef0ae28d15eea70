import { isBlank } from '../drafts/draft.ts';
import { Problems } from '../drafts/problems.tsx';
import { useDrafts } from '../drafts/use-drafts.ts';
import { useText } from '../i18n/language.tsx';
import { useTitle } from '../layout/status.tsx';
import { useSession } from '../session/session.tsx';
import { SignInForm } from './sign-in-form.tsx';
import './sign-in.css';

/** Where a name is needed. Signing in shows the screen that asked for it. */
export function SignInScreen({ onDone }: { onDone?: () => void }) {
  const text = useText();
  const { way } = useSession();
  useTitle(text.account.signIn);
  return (
    <section className="sign-in-screen">
      <h1 tabIndex={-1}>{text.signIn.needed}</h1>
      <p>{way === 'account' ? text.signIn.account.lead : text.signIn.neededLead}</p>
      <Waiting />
      <SignInForm {...(onDone && { onDone })} />
    </section>
  );
}

/** What was dropped before anybody had signed in. */
function Waiting() {
  const text = useText();
  const { user, drafts, troubles } = useDrafts();
  const isWaiting = user === '' && !drafts.every(isBlank);
  return (
    <>
      <p role="status">
        {isWaiting && (troubles.size > 0 ? text.drafts.waitingUnkept : text.drafts.waiting)}
      </p>
      <Problems />
    </>
  );
}

/** What a newcomer sees above everybody's posts. */
export function Welcome() {
  const text = useText();
  return (
    <section className="welcome">
      <div className="welcome-words">
        <p className="welcome-title">{text.signIn.title}</p>
        <p>{text.signIn.lead}</p>
      </div>
      <SignInForm />
    </section>
  );
}
