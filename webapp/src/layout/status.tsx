import { useEffect, useId, useRef, useSyncExternalStore, type ReactNode } from 'react';
import { explain } from '../i18n/explain.ts';
import { useText } from '../i18n/language.tsx';
import { useServices } from '../services.ts';
import { CloseIcon, RetryIcon } from './icons.tsx';
import type { Notice } from './notices.ts';
import { passFocus } from './pass-focus.ts';
import './status.css';

/** Sets the tab's title for as long as a screen is shown. */
export function useTitle(title: string) {
  useEffect(() => {
    document.title = title === '' ? 'Postagram' : `${title} · Postagram`;
  }, [title]);
}

export function OfflineBar() {
  const text = useText();
  const online = useSyncExternalStore(watchNetwork, () => navigator.onLine);
  return <div role="status">{online ? null : <p className="offline-bar">{text.offline}</p>}</div>;
}

/** @param props.children notices that ask something */
export function NoticeList(props: { children?: ReactNode }) {
  const { notices } = useServices();
  const shown = useSyncExternalStore(notices.subscribe, notices.get);
  return (
    <div className="notice-list" role="status">
      {props.children}
      {shown.map((notice) => (
        <NoticeLine key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function NoticeLine({ notice: { id, words, bad, undo } }: { notice: Notice }) {
  const { notices } = useServices();
  return (
    <div className={bad ? 'notice bad' : 'notice'} ref={passFocus()}>
      {undo ? (
        <UndoButton
          words={words}
          onClick={() => {
            notices.dismiss(id);
            undo();
          }}
        />
      ) : (
        <>
          <p>{words}</p>
          <button type="button" className="quiet round" onClick={() => notices.dismiss(id)} aria-label="OK">
            <CloseIcon />
          </button>
        </>
      )}
    </div>
  );
}

/** What has gone, and the way to have it back; it takes the focus that went with it. */
export function UndoButton({ words, onClick }: { words: string; onClick: () => void }) {
  const text = useText();
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // Here one can think again. After the new screen has taken the focus, if there is one.
    const frame = requestAnimationFrame(() => button.current?.focus({ preventScroll: true }));
    return () => cancelAnimationFrame(frame);
  }, []);
  return (
    <>
      <p id={id}>{words}</p>
      <button type="button" className="link" aria-describedby={id} ref={button} onClick={onClick}>
        {text.remove.undo}
      </button>
    </>
  );
}

/** A failure in words, and the way out of it. */
export function Failure(props: {
  title: string;
  error: unknown;
  onRetry: () => void;
  busy?: boolean;
  /** Nothing else is on the screen: the title is the screen's. */
  alone?: boolean;
}) {
  const text = useText();
  const Title = props.alone ? 'h1' : 'p';
  return (
    <div className="failure" role="alert" ref={passFocus()}>
      <Title className="failure-title" tabIndex={props.alone ? -1 : undefined}>
        {props.title}
      </Title>
      <p>{explain(props.error, text)}</p>
      <button type="button" className="button" onClick={props.onRetry} aria-disabled={props.busy}>
        <RetryIcon />
        {text.feed.retry}
      </button>
    </div>
  );
}

/** @param props.alone nothing else is on the screen: the title is the screen's */
export function Empty(props: { title: string; lead: string; alone?: boolean; children?: ReactNode }) {
  const Title = props.alone ? 'h1' : 'h2';
  return (
    <div className="empty">
      <EmptyPicture />
      <Title className="empty-title" tabIndex={props.alone ? -1 : undefined}>
        {props.title}
      </Title>
      <p>{props.lead}</p>
      {props.children}
    </div>
  );
}

function EmptyPicture() {
  return (
    <svg viewBox="0 0 160 120" className="empty-picture" aria-hidden="true" focusable="false">
      <path className="pole" d="M76 78h8v40h-8z" />
      <path className="box" d="M30 30h72a28 28 0 0 1 28 28v22H30z" />
      <path className="door" d="M30 30a22 22 0 0 1 22 22v28H18V52a22 22 0 0 1 12-22z" />
      <path className="slot" d="M26 56h18" />
      <path className="flag" d="M100 56V16h20v12h-16" />
    </svg>
  );
}

function watchNetwork(changed: () => void) {
  window.addEventListener('online', changed);
  window.addEventListener('offline', changed);
  return () => {
    window.removeEventListener('online', changed);
    window.removeEventListener('offline', changed);
  };
}
