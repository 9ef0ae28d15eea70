import { useState } from 'react';

/**
 * What is wrong with the fields of a form: nothing is said before it was sent once, and from then on at each key.
 * @param problems by the names of the fields, in their order
 */
export function useChecks<Name extends string>(problems: Record<Name, string | undefined>) {
  const [isSent, setSent] = useState(false);
  return {
    errors: isSent ? problems : ({} as Partial<typeof problems>),

    /** @returns whether nothing is; else the first field that has something wrong gets the focus */
    pass(form: HTMLFormElement): boolean {
      setSent(true);
      const wrong = Object.entries(problems).find(([, problem]) => problem !== undefined);
      if (!wrong) return true;
      const field = form.elements.namedItem(wrong[0]);
      if (field instanceof HTMLElement) field.focus();
      return false;
    },
  };
}
