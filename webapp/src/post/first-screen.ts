/**
 * Ref of a lazy image. What is on the screen when it is put there is what its reader waits for: it is loaded at once and
 * before all others.
 */
export function hastenOnScreen(image: HTMLImageElement | null) {
  if (!image) return;
  const { top, bottom } = image.getBoundingClientRect();
  if (bottom <= 0 || top >= window.innerHeight) return;
  image.fetchPriority = 'high';
  image.loading = 'eager';
}
