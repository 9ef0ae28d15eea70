import { useState, type FormEvent } from 'react';
import { useText } from '../i18n/language.tsx';
import { Field } from '../layout/field.tsx';
import { passFocus } from '../layout/pass-focus.ts';
import { nameProblem, tidyName } from '../session/name.ts';
import { useSession } from '../session/session.tsx';

/** Until it is known how one signs in, an unseen form keeps the place, so that nothing below it moves. */
export function SignInForm({ onDone }: { onDone?: () => void }) {
  const { way } = useSession();
  return way === 'account' ? <AccountButton /> : <NameForm {...(onDone && { onDone })} />;
}

/** Where the server wants more than a name, its issuer's page asks for it. */
function AccountButton() {
  const text = useText();
  const { signIn, problem } = useSession();
  return (
    <div className="sign-in-form">
      {problem !== undefined && (
        <p className="field-error" role="alert">
          {text.signIn.account[problem]}
        </p>
      )}
      {problem !== 'insecure' && (
        <button type="button" className="button" onClick={() => signIn()}>
          {text.account.signIn}
        </button>
      )}
    </div>
  );
}

function NameForm({ onDone }: { onDone?: () => void }) {
  const text = useText();
  const { signIn, way } = useSession();
  const [name, setName] = useState('');
  const [isRefused, setRefused] = useState(false);
  const problem = isRefused ? nameProblem(tidyName(name)) : undefined;
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (nameProblem(tidyName(name)) !== undefined) {
      setRefused(true);
      event.currentTarget.querySelector('input')?.focus();
      return;
    }
    signIn(tidyName(name));
    onDone?.();
  }
  return (
    <form
      className={way === undefined ? 'sign-in-form awaited' : 'sign-in-form'}
      onSubmit={submit}
      noValidate
      ref={passFocus()}
    >
      <Field label={text.signIn.name} hint={text.signIn.hint} error={problem && text.signIn.errors[problem]}>
        {(aria) => (
          <input
            value={name}
            onChange={({ target }) => setName(target.value)}
            {...aria}
            type="text"
            dir="auto"
            autoComplete="username"
            autoCapitalize="words"
            spellCheck={false}
            placeholder={text.signIn.placeholder}
          />
        )}
      </Field>
      <button type="submit" className="button">
        {text.signIn.submit}
      </button>
    </form>
  );
}
