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
      <SignInForm {...(onDone && { onDone })} />
    </section>
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
