import { useText } from '../i18n/language.tsx';

/** Cards in the shape of those to come. */
export function FeedSkeleton({ cards = 4 }: { cards?: number }) {
  return (
    <div className="feed-list">
      {Array.from({ length: cards }, (_, i) => (
        <div key={i} className="tile bones">
          <CardSkeleton silent={i > 0} />
        </div>
      ))}
    </div>
  );
}

export function CardSkeleton({ silent = false }: { silent?: boolean }) {
  const text = useText();
  return (
    <div className="card skeleton" role={silent ? undefined : 'status'} aria-hidden={silent}>
      <div className="stamp">
        <div className="stamp-paper">
          <div className="stamp-picture bone" />
        </div>
      </div>
      <div className="card-text">
        {!silent && <span className="unseen">{text.feed.loading}</span>}
        <div className="bone line w30" />
        <div className="bone line tall w70" />
        <div className="bone line" />
        <div className="bone line w50" />
      </div>
    </div>
  );
}
