import { useText } from '../i18n/language.tsx';
import { MOST_DRAFTS } from '../kept/room.ts';
import { photoProblem } from '../upload/choose-photo.tsx';
import { useDrafts } from './use-drafts.ts';

/** What is wrong with the files that were not taken. */
export function Problems() {
  const text = useText();
  const { refused, count, left } = useDrafts().files;
  if (refused.length === 0 && left === 0) return null;
  return (
    <div role="alert">
      {refused.map(({ name, error }, index) => (
        // Files of one drop may have one name.
        <p className="field-error" key={`${index} ${name}`}>
          {count > 1 && `${name}: `}
          {photoProblem(error, text)}
        </p>
      ))}
      {left > 0 && (
        <p className="field-error">{text.drafts.taken(count - left - refused.length, count, MOST_DRAFTS)}</p>
      )}
    </div>
  );
}
