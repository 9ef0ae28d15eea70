import { useEffect, useEffectEvent, useState, type DragEvent } from 'react';
import { useLanguage } from '../i18n/language.tsx';
import { CloseIcon, PhotoIcon } from '../layout/icons.tsx';
import { ChoosePhoto, usePhoto } from '../upload/choose-photo.tsx';
import type { PreparedPhoto } from '../upload/prepare.ts';

export type ChosenPhoto = PreparedPhoto & { preview: string };

/** Where the stamp goes: takes a photo by click, drop or paste, and shows it as it will be sent. */
export function PhotoSpot(props: {
  photo: ChosenPhoto | undefined;
  onChange: (photo: ChosenPhoto | undefined) => void;
}) {
  const { text } = useLanguage();
  const { photo, onChange } = props;
  const [over, setOver] = useState(false);
  const { busy, problem, take } = usePhoto((ready) =>
    onChange({ ...ready, preview: URL.createObjectURL(ready.blob) }),
  );
  usePaste((file) => void take(file));
  useEffect(() => () => URL.revokeObjectURL(photo?.preview ?? ''), [photo]);
  const drop = {
    onDragOver(event: DragEvent) {
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop(event: DragEvent) {
      event.preventDefault();
      setOver(false);
      void take(event.dataTransfer.files[0]);
    },
  };
  return (
    <div
      className={over ? 'photo-spot over' : 'photo-spot'}
      role="group"
      aria-label={text.compose.photoLabel}
      {...drop}
    >
      {photo ? (
        <Preview photo={photo} onFile={take} onRemove={() => onChange(undefined)} />
      ) : (
        <div className="spot-empty">
          <PhotoIcon />
          <p>
            {over ? text.compose.dropNow : text.compose.drop}{' '}
            <ChoosePhoto className="link" label={text.compose.browse} onFile={(file) => void take(file)}>
              {text.compose.browse}
            </ChoosePhoto>
          </p>
          <p className="hint">{text.compose.formats}</p>
        </div>
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
      <div className="spot-actions">
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

/** Takes the first picture pasted anywhere on the page. */
function usePaste(onFile: (file: File) => void) {
  const take = useEffectEvent(onFile);
  useEffect(() => {
    function paste(event: ClipboardEvent) {
      const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
      if (!file) return;
      event.preventDefault();
      take(file);
    }
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, []);
}
