/**
 * An element that leaves the page with the focus in it would leave it to nobody: the keyboard starts again at the top, and a
 * screen reader falls silent. This hands the focus on.
 * @param heirs selectors, the first that is there gets it; without any, the start of the screen
 * @param within selector of an ancestor that they are looked for in
 * @returns a ref for the element that may go
 */
export function passFocus(heirs: readonly string[] = [], within = 'body') {
  return (element: HTMLElement | null) => {
    if (!element) return undefined;
    const place = element.closest(within);
    return () => {
      // Called before the element is taken out, and also when it only gets another ref: then it keeps its focus.
      if (!element.contains(document.activeElement)) return;
      requestAnimationFrame(() => {
        if (document.activeElement !== document.body) return;
        const heir = heirs.map((selector) => place?.querySelector<HTMLElement>(selector)).find(Boolean);
        if (heir) heir.focus();
        // Where the reader is in it is the screen's own affair.
        else screenStart()?.focus({ preventScroll: true });
      });
    };
  };
}

/** Where a screen begins: at its heading. */
export function screenStart(): HTMLElement | null {
  return document.querySelector<HTMLElement>('main h1') ?? document.querySelector('main');
}
