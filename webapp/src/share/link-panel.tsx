import { useEffect, useId, useRef, useState } from 'react';
import { useText } from '../i18n/language.tsx';
import { CloseIcon } from '../layout/icons.tsx';
import './link-panel.css';

/** An address to be taken along. While it is open the page behind waits; Esc closes it, and the focus goes back. */
export function LinkPanel({ address, onClose }: { address: string; onClose: () => void }) {
  const text = useText();
  const headingId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [outcome, setOutcome] = useState('');
  useEffect(() => {
    dialog.current?.showModal();
    field.current?.focus();
  }, []);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(address);
      setOutcome(text.share.copied);
    } catch {
      field.current?.focus();
      setOutcome(text.share.notCopied);
    }
  };
  return (
    <dialog className="link-panel" ref={dialog} aria-labelledby={headingId} onClose={onClose}>
      <div className="link-panel-head">
        <h2 id={headingId}>{text.share.heading}</h2>
        <button
          type="button"
          className="quiet round"
          aria-label={text.share.close}
          onClick={() => dialog.current?.close()}
        >
          <CloseIcon />
        </button>
      </div>
      <div className="link-panel-row field">
        <input
          ref={field}
          type="text"
          readOnly
          value={address}
          aria-label={text.share.address}
          onFocus={(event) => event.target.select()}
        />
        {'clipboard' in navigator && (
          <button type="button" className="button small" onClick={() => void copy()}>
            {text.share.copy}
          </button>
        )}
      </div>
      <p role="status" className="hint">
        {outcome}
      </p>
    </dialog>
  );
}
