import { useRef, useState, type ReactNode, type Ref } from 'react';
import { useText } from '../i18n/language.tsx';
import type { Text } from '../i18n/en.ts';
import { LARGEST_FILE, PhotoError, preparePhoto, SHORTEST_SIDE, type PreparedPhoto } from './prepare.ts';

/** Prepares whatever file it is given, the latest one winning, and says what is wrong with it. */
export function usePhoto(onReady: (photo: PreparedPhoto) => void) {
  const text = useText();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const latest = useRef<Blob>(undefined);
  async function take(file: Blob | null | undefined) {
    if (!file) return;
    latest.current = file;
    setBusy(true);
    setProblem(undefined);
    try {
      const photo = await preparePhoto(file);
      if (latest.current === file) onReady(photo);
    } catch (error) {
      if (latest.current === file) setProblem(photoProblem(error, text));
    } finally {
      if (latest.current === file) setBusy(false);
    }
  }
  return { busy, problem, take };
}

/** A button that opens the file chooser. */
export function ChoosePhoto(props: {
  className: string;
  label: string;
  /** Id of what says more about it. */
  describedBy?: string;
  children: ReactNode;
  /** Whether several can be chosen at once. */
  multiple?: boolean;
  onFiles: (files: File[]) => unknown;
  ref?: Ref<HTMLLabelElement>;
}) {
  return (
    <label className={`${props.className} file-button`} ref={props.ref}>
      {props.children}
      <input
        type="file"
        accept="image/*"
        multiple={props.multiple}
        aria-label={props.label}
        aria-describedby={props.describedBy}
        onChange={(event) => {
          props.onFiles([...(event.target.files ?? [])]);
          // The same file can be chosen again after a failure.
          event.target.value = '';
        }}
      />
    </label>
  );
}

/** What is wrong with a file, in words for the reader. */
export function photoProblem(error: unknown, text: Text): string {
  if (!(error instanceof PhotoError)) return text.errors.unknown;
  if (error.problem === 'tooSmall') return text.photo.tooSmall(SHORTEST_SIDE);
  if (error.problem === 'tooLarge') return text.photo.tooLarge(LARGEST_FILE);
  return text.photo[error.problem];
}
