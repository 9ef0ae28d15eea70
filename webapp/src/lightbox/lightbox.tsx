import { useEffect, useRef } from 'react';
import { useLocation, useSearch } from 'wouter';
import { bareId, type Post } from '../api.ts';
import { useLabelWords } from '../i18n/label-words.ts';
import { useText } from '../i18n/language.tsx';
import { closePhoto, photoIn, photoSearch, turnTo } from './address.ts';
import type { Slide, Viewer } from './viewer.ts';

/**
 * Shows the photo that the address names over the screen that it is on, alone. What that takes is loaded when one is.
 * @param posts whose photos one can go on to
 * @param onNear the last of them are near
 */
export function Lightbox({ posts, onNear }: { posts: readonly Post[]; onNear?: () => void }) {
  const text = useText();
  const { of: wordOf } = useLabelWords();
  const wanted = photoIn(useSearch());
  const [path, navigate] = useLocation();
  const viewer = useRef<Viewer>(undefined);
  const slides = posts.flatMap(
    (post) => slideOf(post, post.alt || text.post.alt(post.title, (post.labels ?? []).map(wordOf))) ?? [],
  );
  const known = slides.some(({ id }) => id === wanted);
  const now = { slides, wanted, text, onNear };
  const latest = useRef(now);
  latest.current = now;

  useEffect(() => {
    if (wanted === undefined) viewer.current?.close();
    else if (viewer.current) viewer.current.show(wanted);
    else if (known) void open();
    // A photo that this list does not have (yet) is shown over its own post.
    else if (!path.startsWith('/p/')) navigate(`/p/${wanted}${photoSearch(wanted)}`, { replace: true });
  }, [wanted, known, path, navigate]);

  const count = slides.length;
  useEffect(() => viewer.current?.add(latest.current.slides), [count]);
  useEffect(() => () => viewer.current?.close(), []);
  return null;

  async function open() {
    const { openViewer } = await import('./viewer.ts');
    const { slides: all, wanted: id, text: words } = latest.current;
    // Meanwhile its reader may have gone back.
    if (id === undefined || viewer.current) return;
    viewer.current = openViewer(all, id, {
      words: { ...words.lightbox, broken: words.post.imageBroken },
      onTurn: (next) => {
        if (next !== photoIn(window.location.search)) turnTo(next);
      },
      onNear: () => latest.current.onNear?.(),
      onClose: () => {
        viewer.current = undefined;
        closePhoto();
      },
    });
  }
}

function slideOf({ id, title, image, thumbnails, width, height }: Post, alt: string): Slide | undefined {
  const largest = thumbnails?.at(-1)?.width;
  if (image === undefined || !thumbnails || largest === undefined || !width || !height) return undefined;
  return {
    id: bareId(id),
    title,
    alt,
    src: image,
    srcset: thumbnails.map((it) => `${it.url} ${it.width}w`).join(', '),
    width: largest,
    height: Math.round((height * largest) / width),
  };
}
