import { Link } from 'wouter';
import { useLabelWords } from '../i18n/label-words.ts';
import { useText } from '../i18n/language.tsx';
import './labels.css';

/** Where the posts with a label are. */
export const labelPath = (label: string): string => `/label/${encodeURIComponent(label.toLowerCase())}`;

/** What was recognised, as rubber stamps. `fresh` ones land with a thump: they arrived while the reader watched. */
export function Labels({ labels, fresh }: { labels: readonly string[]; fresh: boolean }) {
  const text = useText();
  const words = useLabelWords();
  if (labels.length === 0) return <p className="no-labels">{text.post.noLabels}</p>;
  return (
    <ul className={fresh ? 'labels fresh' : 'labels'} aria-label={text.post.labels}>
      {labels.map((label) => (
        <li key={label}>
          <Link href={labelPath(label)}>{words.of(label)}</Link>
        </li>
      ))}
    </ul>
  );
}
