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
  const described = props.error === undefined && props.hint === undefined ? undefined : `${id}-note`;
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      {props.children({ id, 'aria-invalid': props.error !== undefined, 'aria-describedby': described })}
      {described !== undefined && (
        <p id={described} className={props.error === undefined ? 'hint' : 'field-error'}>
          {props.error ?? props.hint}
        </p>
      )}
    </div>
  );
}
