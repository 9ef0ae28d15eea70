import { useId, type ReactNode } from 'react';

type Aria = { id: string; 'aria-invalid': boolean; 'aria-describedby': string | undefined };

/** A labelled input: `children` receives what ties the input to its label, hint and error. */
export function Field(props: {
  label: string;
  hint?: string;
  error?: string | undefined;
  children: (aria: Aria) => ReactNode;
}) {
  const id = useId();
  const notes = [props.error !== undefined && `${id}-error`, props.hint !== undefined && `${id}-hint`];
  const described = notes.filter(Boolean).join(' ') || undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      {props.children({ id, 'aria-invalid': props.error !== undefined, 'aria-describedby': described })}
      {props.error !== undefined && (
        <p id={`${id}-error`} className="field-error">
          {props.error}
        </p>
      )}
      {props.hint !== undefined && (
        <p id={`${id}-hint`} className="hint">
          {props.hint}
        </p>
      )}
    </div>
  );
}
