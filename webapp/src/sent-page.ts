import * as v from 'valibot';
import { Post, type Page } from './api.ts';
import { base, nextOf, parse } from './call.ts';

/** What the server wrote into the page. */
const Sent = v.union([
  v.object({ user: v.optional(v.string()), link: v.string(), posts: v.array(Post) }),
  v.object({ post: Post }),
]);

/** The first page of a list, where the page was sent with it. @param user whose; everybody's without */
export function sentPage(user: string | undefined): Page | undefined {
  const sent = takeSent();
  return sent && 'posts' in sent && sent.user === user
    ? { posts: sent.posts, next: nextOf(sent.link, base) }
    : undefined;
}

/** One post, where the page was sent with it. */
export function sentPost(id: string): Post | undefined {
  const sent = takeSent();
  return sent && 'post' in sent && sent.post.id === id ? sent.post : undefined;
}

/** Once, for the first screen that asks: what was sent is soon no longer what the server says. */
function takeSent() {
  const element = document.getElementById('first-page');
  element?.remove();
  const sent = v.safeParse(Sent, parse(element?.textContent ?? '', null));
  return sent.success ? sent.output : undefined;
}
