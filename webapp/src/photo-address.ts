import type { Post } from './api.ts';

/** Whether a post shows, or failed on, the photo uploaded as `objectName`. */
export function showsPhoto(post: Post, objectName: string): boolean {
  const file = objectName.split('/').at(-1) ?? objectName;
  return post.image !== undefined && new URL(post.image).pathname.endsWith(`/${encodeURIComponent(file)}`);
}

/**
 * The image address to go on showing. Each read signs the address anew, and a changed address would load the photo
 * again: the one already on the page stays while it shows the same object and is still good for a while.
 */
export function steadyImage(shown: string | undefined, fresh: string | undefined): string | undefined {
  if (shown === undefined || fresh === undefined || shown === fresh) return fresh;
  const before = new URL(shown);
  const after = new URL(fresh);
  const sameObject = before.host === after.host && before.pathname === after.pathname;
  return sameObject && signedAt(after) - signedAt(before) < lifetime(before) / 2 ? shown : fresh;
}

/** When an address was signed, in seconds; its `X-Amz-Date` looks like 20260131T235959Z. */
function signedAt(url: URL): number {
  const stamp = url.searchParams.get('X-Amz-Date') ?? '';
  const iso = stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  return Date.parse(iso) / 1000;
}

function lifetime(url: URL): number {
  return Number(url.searchParams.get('X-Amz-Expires') ?? 0);
}
