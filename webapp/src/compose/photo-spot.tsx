import { useId } from 'react';
import type { Draft } from '../drafts/draft.ts';
import { Problems } from '../drafts/problems.tsx';
import { useDrafts } from '../drafts/use-drafts.ts';
import { usePreview } from '../drafts/use-preview.ts';
import { useLanguage, useText } from '../i18n/language.tsx';
import { CloseIcon, PhotoIcon } from '../layout/icons.tsx';
import { passFocus } from '../layout/pass-focus.ts';
import { useServices } from '../services.ts';
import { ChoosePhoto } from '../upload/choose-photo.tsx';
import { useHover, usePaste } from './drop-and-paste.ts';

/** The way to choose a photo, or another one. */
const SPOT_INPUT = '.photo-spot input';

/** Where the stamp goes: takes photos by click, drop or paste, and shows the draft's as it will be sent. */
export function PhotoSpot({ draft }: { draft: Draft }) {
  const text = useText();
  const { drafts } = useServices();
  const { busy } = useDrafts();
  const over = useHover();
  usePaste((files) => drafts.take(files, 'open'));
  return (
    <div
      className={over ? 'photo-spot over' : 'photo-spot'}
      role="group"
      aria-label={text.compose.photoLabel}
    >
      {draft.photo ? <Preview draft={draft} photo={draft.photo} /> : <EmptySpot over={over} />}
      <div role="status" className="spot-status">
        {busy > 0 && <p className="hint">{text.compose.preparing}</p>}
      </div>
      <Problems />
    </div>
  );
}

/** All of it opens the chooser. */
function EmptySpot({ over }: { over: boolean }) {
  const text = useText();
  const { drafts } = useServices();
  const hint = useId();
  return (
    <ChoosePhoto
      className="spot-empty"
      label={text.compose.browse}
      describedBy={hint}
      multiple
      onFiles={(files) => drafts.take(files, 'open')}
      ref={passFocus([SPOT_INPUT])}
    >
      <PhotoIcon />
      {over ? (
        <span>{text.compose.dropNow}</span>
      ) : (
        <span>
          {text.compose.drop} <span className="link">{text.compose.browse}</span>
        </span>
      )}
      <span id={hint} className="hint">
        {text.compose.formats}
      </span>
    </ChoosePhoto>
  );
}

function Preview({ draft, photo }: { draft: Draft; photo: NonNullable<Draft['photo']> }) {
  const { text, language } = useLanguage();
  const { drafts } = useServices();
  const { width, height, blob } = photo;
  const preview = usePreview(blob);
  const size = new Intl.NumberFormat(language, { style: 'unit', unit: 'kilobyte', maximumFractionDigits: 0 });
  return (
    <>
      <div className="stamp">
        <div className="stamp-paper">
          <div className="stamp-picture">
            <img src={preview} alt={text.compose.previewAlt} width={640} height={640} />
          </div>
        </div>
      </div>
      <p className="hint">{text.compose.ready(width, height, size.format(blob.size / 1000))}</p>
      <div className="spot-actions" ref={passFocus([SPOT_INPUT])}>
        <ChoosePhoto
          className="button small plain"
          label={text.compose.change}
          onFiles={(files) => drafts.take(files, 'replace')}
        >
          {text.compose.change}
        </ChoosePhoto>
        <button type="button" className="button small plain" onClick={() => drafts.removePhoto(draft.id)}>
          <CloseIcon />
          {text.compose.removePhoto}
        </button>
      </div>
    </>
  );
}
