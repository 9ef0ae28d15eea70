import { Component, type ReactNode } from 'react';
import { useText } from '../i18n/language.tsx';

/** In the place of a screen that threw while it was drawn: a way out, instead of an empty page. */
export class CrashGuard extends Component<{ children: ReactNode }, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError() {
    return { crashed: true };
  }

  override render() {
    return this.state.crashed ? <Crash /> : this.props.children;
  }
}

function Crash() {
  const text = useText();
  return (
    <div className="failure" role="alert">
      <h1 className="failure-title">{text.crash.title}</h1>
      <button type="button" className="button" onClick={() => window.location.reload()}>
        {text.crash.reload}
      </button>
    </div>
  );
}
