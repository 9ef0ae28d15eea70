import { bareId } from '../api.ts';

/** Names the photo that is shown alone, over whatever screen. */
const PARAM = 'photo';

/** What follows the path while the photo of a post is shown alone. */
export const photoSearch = (id: string): string => `?${PARAM}=${bareId(id)}`;

/** The bare id of the post whose photo is shown alone. @param search the address from its `?` on, with or without it */
export const photoIn = (search: string): string | undefined =>
  new URLSearchParams(search).get(PARAM) ?? undefined;

/** Shows a photo alone, as a step that Back undoes. */
export function openPhoto(id: string): void {
  window.history.pushState({ fromPage: true }, '', photoSearch(id));
}

/** Goes on to another photo: still the same step. */
export function turnTo(id: string): void {
  window.history.replaceState(window.history.state, '', photoSearch(id));
}

/** Back to what lies below, whether one came from there or opened the address of the photo. */
export function closePhoto(): void {
  if (photoIn(window.location.search) === undefined) return;
  const { state }: { state: unknown } = window.history;
  if (typeof state === 'object' && state !== null && 'fromPage' in state) window.history.back();
  else window.history.replaceState(null, '', window.location.pathname);
}
