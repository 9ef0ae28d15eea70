import type { ComponentProps } from 'react';
import { useText } from '../i18n/language.tsx';
import { Field } from '../layout/field.tsx';

/** What is on the photo, for those who do not see it. */
export function AltField({ input, error }: { input: ComponentProps<'input'>; error: string | undefined }) {
  const text = useText();
  return (
    <Field label={text.compose.altLabel} hint={text.compose.altHint} error={error}>
      {(aria) => <input {...input} {...aria} type="text" dir="auto" autoComplete="off" />}
    </Field>
  );
}
