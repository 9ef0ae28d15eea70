import * as v from 'valibot';
import { userNameSchema } from '../identity/user-name.ts';
import { postIdSchema } from '../posts/post.ts';

/** What a screen of the web app shows. `missing` is none that there can be: no name, or no id, has that form. */
export type Screen =
  { kind: 'everybody' } | { kind: 'post'; id: string } | { kind: 'user'; user: string } | { kind: 'missing' };

/**
 * The screen at a path.
 * @param path as sent, still percent-encoded
 * @returns undefined for screens that show nothing of which a link could tell
 */
export function screenOf(path: string): Screen | undefined {
  if (path === '/') return { kind: 'everybody' };
  const [, room, part] = /^\/([pu])\/([^/]+)\/?$/.exec(path) ?? [];
  if (room === undefined || part === undefined) return undefined;
  const name = decoded(part);
  if (room === 'p') {
    // In an address it stands without its POST#.
    const id = v.safeParse(postIdSchema, name);
    return id.success && !name?.includes('#') ? { kind: 'post', id: id.output } : { kind: 'missing' };
  }
  return v.is(userNameSchema, name) ? { kind: 'user', user: name } : { kind: 'missing' };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
