import { useEffect, useEffectEvent, useState } from 'react';

/** Whether a file hovers over the page. */
export function useHover(): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    function hover(event: DragEvent) {
      if (!bringsFiles(event)) return;
      // Without it there would be no drop.
      event.preventDefault();
      setOver(true);
    }
    function leave(event: DragEvent) {
      // From one element to the next it has both; out of the window it has one.
      if (event.type === 'drop' || event.relatedTarget === null) setOver(false);
    }
    window.addEventListener('dragover', hover);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', leave);
    return () => {
      window.removeEventListener('dragover', hover);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', leave);
    };
  }, []);
  return over;
}

/** Takes the files dropped anywhere on the page; left alone, the browser would open them in the page's place. */
export function useDrop(onFiles: (files: File[]) => void) {
  const take = useEffectEvent(onFiles);
  useEffect(() => {
    function drop(event: DragEvent) {
      if (!bringsFiles(event)) return;
      event.preventDefault();
      take([...(event.dataTransfer?.files ?? [])]);
    }
    window.addEventListener('drop', drop);
    return () => window.removeEventListener('drop', drop);
  }, []);
}

/** Words dragged from one field to another are the browser's business. */
function bringsFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

/** Takes the pictures pasted anywhere on the page. */
export function usePaste(onFiles: (files: File[]) => void) {
  const take = useEffectEvent(onFiles);
  useEffect(() => {
    function paste(event: ClipboardEvent) {
      const files = [...(event.clipboardData?.files ?? [])].filter(({ type }) => type.startsWith('image/'));
      if (files.length === 0) return;
      event.preventDefault();
      take(files);
    }
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, []);
}
