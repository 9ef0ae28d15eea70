import type { MouseEvent, ReactNode } from 'react';
import { openPhoto, photoSearch } from '../lightbox/address.ts';

/** A photo that leads to itself, alone. */
export function PhotoLink({ id, children }: { id: string; children: ReactNode }) {
  return (
    <a className="photo-link" href={photoSearch(id)} onClick={(event) => follow(event, id)}>
      {children}
    </a>
  );
}

/** Whoever wants it in a tab of its own gets it there. */
function follow(event: MouseEvent, id: string) {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  openPhoto(id);
}
