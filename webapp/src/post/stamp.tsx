import { useQueryClient } from '@tanstack/react-query';
import { useState, type CSSProperties, type ReactNode } from 'react';
import { readPost, type Post } from '../api.ts';
import { useLabelWords } from '../i18n/label-words.ts';
import { useText } from '../i18n/language.tsx';
import { useServices } from '../services.ts';
import { feedSizes, wholeSizes } from '../photo-shape.ts';
import { hastenOnScreen } from './first-screen.ts';
import { PhotoLink } from './photo-link.tsx';
import { Placeholder } from './placeholder.tsx';
import './stamp.css';

const TINTS = 7;

/** A person's colour: the same on every device. */
export function tintOf(name: string): string {
  // FNV-1a, its high bits folded into the low ones: similar names get different colours.
  let hash = 2_166_136_261;
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619);
  return `tint-${(Math.imul(hash ^ (hash >>> 15), 2_246_822_507) >>> 0) % TINTS}`;
}

/**
 * The photo of a post as a stamp in the photo's own shape; without a photo, its author's initial.
 * @param props.whole nothing is cropped
 * @param props.ratio width by height; that of the photo without
 */
export function Stamp(props: {
  post: Post;
  preview?: string | undefined;
  whole?: boolean;
  ratio?: number | undefined;
  children?: ReactNode;
}) {
  const { post, preview, whole = false } = props;
  const source = preview ?? post.image;
  const { width = 4, height = 3 } = post;
  const shape: CSSProperties & { '--ratio': number } = { '--ratio': props.ratio ?? width / height };
  return (
    <div
      className={`stamp ${tintOf(post.user)} ${whole ? 'whole' : ''}`}
      style={source === undefined ? undefined : shape}
    >
      <div className="stamp-paper">
        <div className="stamp-picture">
          {source === undefined ? (
            <span className="stamp-initial" aria-hidden="true">
              {[...post.user][0]}
            </span>
          ) : (
            <Picture key={source} post={post} source={source} local={preview !== undefined} whole={whole} />
          )}
          {props.children}
        </div>
      </div>
    </div>
  );
}

/** An address that no longer works (they live for minutes to hours) is asked for anew, once. */
function Picture(props: { post: Post; source: string; local: boolean; whole: boolean }) {
  const { post, source, local, whole } = props;
  const text = useText();
  const { of: wordOf } = useLabelWords();
  const { posts } = useServices();
  const queries = useQueryClient();
  const [broken, setBroken] = useState(false);
  async function renew() {
    if (local) return;
    try {
      const fresh = await queries.fetchQuery({
        queryKey: ['renewed', source],
        queryFn: ({ signal }) => readPost(post.id, signal),
        staleTime: Infinity,
      });
      if (fresh.image === source) setBroken(true);
      else posts.update(fresh);
    } catch {
      setBroken(true);
    }
  }
  if (broken) return <span className="stamp-broken">{text.post.imageBroken}</span>;
  const { width = 640, height = 480, thumbhash } = post;
  // What is on its way to the bucket has one size.
  const choice = local || !post.thumbnails ? undefined : post.thumbnails;
  const photo = (
    <img
      src={source}
      srcSet={choice?.map((it) => `${it.url} ${it.width}w`).join(', ')}
      sizes={choice && (whole ? wholeSizes : feedSizes)({ width, height })}
      alt={post.alt || text.post.alt(post.title, (post.labels ?? []).map(wordOf))}
      // A screen with one photo is about that photo, wherever the reader comes from.
      loading={whole ? 'eager' : 'lazy'}
      fetchPriority={whole ? 'high' : 'auto'}
      ref={hastenOnScreen}
      decoding="async"
      width={width}
      height={height}
      onError={() => void renew()}
    />
  );
  return (
    <>
      {!local && thumbhash !== undefined && <Placeholder thumbhash={thumbhash} />}
      {choice ? <PhotoLink id={post.id}>{photo}</PhotoLink> : photo}
    </>
  );
}
