import { useEffect, useId } from 'react';
import { useLanguage } from '../i18n/language.tsx';
import { CloseIcon, PhotoIcon } from '../layout/icons.tsx';
import { passFocus } from '../layout/pass-focus.ts';
import { ChoosePhoto, usePhoto } from '../upload/choose-photo.tsx';
import type { PreparedPhoto } from '../upload/prepare.ts';
import { useDrop, usePaste } from './drop-and-paste.ts';

/** The way to choose a photo, or another one. */
const SPOT_INPUT = '.photo-spot input';

export type ChosenPhoto = PreparedPhoto & { preview: string };

/** Where the stamp goes: takes a photo by click, drop or paste, and shows it as it will be sent. */
export function PhotoSpot(props: {
  photo: ChosenPhoto | undefined;
  onChange: (photo: ChosenPhoto | undefined) => void;
}) {
  const { text } = useLanguage();
  const { photo, onChange } = props;
  const { busy, problem, take } = usePhoto((ready) =>
    onChange({ ...ready, preview: URL.createObjectURL(ready.blob) }),
  );
  const over = useDrop((file) => void take(file));
  usePaste((file) => void take(file));
  useEffect(() => () => URL.revokeObjectURL(photo?.preview ?? ''), [photo]);
  return (
    <div
      className={over ? 'photo-spot over' : 'photo-spot'}
      role="group"
      aria-label={text.compose.photoLabel}
    >
      {photo ? (
        <Preview photo={photo} onFile={take} onRemove={() => onChange(undefined)} />
      ) : (
        <EmptySpot over={over} onFile={take} />
      )}
      <div role="status" className="spot-status">
        {busy && <p className="hint">{text.compose.preparing}</p>}
      </div>
      {problem !== undefined && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

/** All of it opens the chooser. */
function EmptySpot({ over, onFile }: { over: boolean; onFile: (file: File | undefined) => unknown }) {
  const { text } = useLanguage();
  const hint = useId();
  return (
    <ChoosePhoto
      className="spot-empty"
      label={text.compose.browse}
      describedBy={hint}
      onFile={onFile}
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

function Preview(props: {
  photo: ChosenPhoto;
  onFile: (file: File | undefined) => unknown;
  onRemove: () => void;
}) {
  const { text, language } = useLanguage();
  const { preview, width, height, blob } = props.photo;
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
        <ChoosePhoto className="button small plain" label={text.compose.change} onFile={props.onFile}>
          {text.compose.change}
        </ChoosePhoto>
        <button type="button" className="button small plain" onClick={props.onRemove}>
          <CloseIcon />
          {text.compose.removePhoto}
        </button>
      </div>
    </>
  );
}
