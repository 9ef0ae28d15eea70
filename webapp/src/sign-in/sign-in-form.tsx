import { useState, type FormEvent } from 'react';
import { useText } from '../i18n/language.tsx';
import { useChecks } from '../layout/checks.ts';
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
  const problem = nameProblem(tidyName(name));
  const { errors, pass } = useChecks({ name: problem && text.signIn.errors[problem] });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!pass(event.currentTarget)) return;
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
      <Field label={text.signIn.name} hint={text.signIn.hint} error={errors.name}>
        {(aria) => (
          <input
            name="name"
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
