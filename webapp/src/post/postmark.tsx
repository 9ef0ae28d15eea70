import { useLocale } from '../i18n/language.tsx';

/** When a post was made, as the mark a post office puts over a stamp. */
export function Postmark({ at }: { at: string | undefined }) {
  const locale = useLocale();
  const date = new Date(at ?? Number.NaN);
  if (Number.isNaN(date.getTime())) return null;
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' }).format(date);
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(date);
  const full = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short' }).format(date);
  return (
    <time className="postmark" dateTime={date.toISOString()} title={full}>
      <span className="unseen">{full}</span>
      <svg viewBox="0 0 150 84" aria-hidden="true" focusable="false">
        <g className="postmark-waves">
          <path d="M0 22q9-9 18 0t18 0 18 0 18 0M0 36q9-9 18 0t18 0 18 0M0 50q9-9 18 0t18 0 18 0M0 64q9-9 18 0t18 0 18 0 18 0" />
        </g>
        <circle cx="107" cy="42" r="40" />
        <circle cx="107" cy="42" r="34" />
        <text x="107" y="38" className="postmark-day">
          {day}
        </text>
        <path d="M79 43h56" />
        <text x="107" y="57">
          {time}
        </text>
        <text x="107" y="69" className="postmark-year">
          {date.getFullYear()}
        </text>
      </svg>
    </time>
  );
}
