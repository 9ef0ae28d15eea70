import { useMutation } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { createPost, type Draft as Words } from '../api.ts';
import { ApiError } from '../call.ts';
import { isBlank, type Draft } from '../drafts/draft.ts';
import { useText } from '../i18n/language.tsx';
import { useServices } from '../services.ts';

/** Makes the post and starts its photo on its way. The next draft opens, or else the feed, with the post at its top. */
export function useSend(draft: Draft) {
  const text = useText();
  const { posts, uploads, drafts, notices } = useServices();
  const [, navigate] = useLocation();
  return useMutation({
    /** @param sending.noted done once this browser remembers that it was sent */
    async mutationFn({ words, noted }: { words: Words; noted: Promise<void> }) {
      await noted;
      return createPost(draft.user, words);
    },
    onError(error) {
      // A refusal is an answer; without one the post may be there all the same.
      drafts.notSent(draft.id, !(error instanceof ApiError && error.status > 0));
    },
    async onSuccess(post) {
      posts.add(post);
      await drafts.sent(draft, post);
      if (draft.photo) uploads.start(post, draft.photo.blob, true);
      const isOver = drafts.get().drafts.every(isBlank);
      if (!isOver) notices.say(text.drafts.sent(post.title));
      else if (window.location.pathname === '/new') navigate('/');
    },
  });
}
