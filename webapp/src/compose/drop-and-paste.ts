import { useEffect, useEffectEvent, useState } from 'react';

/**
 * Takes the first file dropped anywhere on the page; left alone, the browser would open it in the page's place.
 * @returns whether one hovers over the page
 */
export function useDrop(onFile: (file: File | undefined) => void): boolean {
  const take = useEffectEvent(onFile);
  const [over, setOver] = useState(false);
  useEffect(() => {
    function hover(event: DragEvent) {
      if (!bringsFiles(event)) return;
      event.preventDefault();
      setOver(true);
    }
    function leave(event: DragEvent) {
      // From one element to the next it has both; out of the window it has one.
      if (event.relatedTarget === null) setOver(false);
    }
    function drop(event: DragEvent) {
      if (!bringsFiles(event)) return;
      event.preventDefault();
      setOver(false);
      take(event.dataTransfer?.files[0]);
    }
    window.addEventListener('dragover', hover);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', hover);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', drop);
    };
  }, []);
  return over;
}

/** Words dragged from one field to another are the browser's business. */
function bringsFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

/** Takes the first picture pasted anywhere on the page. */
export function usePaste(onFile: (file: File) => void) {
  const take = useEffectEvent(onFile);
  useEffect(() => {
    function paste(event: ClipboardEvent) {
      const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
      if (!file) return;
      event.preventDefault();
      take(file);
    }
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, []);
}
