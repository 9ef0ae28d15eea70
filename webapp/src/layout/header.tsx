import { Link, useLocation } from 'wouter';
import { useLanguage } from '../i18n/language.tsx';
import { tintOf } from '../post/stamp.tsx';
import { useSession } from '../session/session.tsx';
import { LeaveIcon, PenIcon, PersonIcon, SearchIcon, WorldIcon } from './icons.tsx';
import { passFocus } from './pass-focus.ts';
import './header.css';

export function Header() {
  const { text, language, toggle } = useLanguage();
  return (
    <header className="top">
      <div className="top-row">
        <Link href="/" className="wordmark" aria-label="Postagram">
          <Mark />
          <span aria-hidden="true">Postagram</span>
        </Link>
        <MainNav />
        <div className="top-end">
          <Link href="/search" className="quiet round" aria-label={text.nav.search} title={text.nav.search}>
            <SearchIcon />
          </Link>
          <button type="button" className="quiet language" onClick={toggle} aria-label={text.switchLanguage}>
            <span aria-hidden="true">{language === 'en' ? 'FR' : 'EN'}</span>
          </button>
          <Account />
        </div>
      </div>
    </header>
  );
}

/** On wide screens in the header, on phones along the bottom edge: the style sheet places it. */
function MainNav() {
  const { text } = useLanguage();
  const [location] = useLocation();
  const current = (path: string) => (location === path ? ('page' as const) : undefined);
  return (
    <nav className="main-nav" aria-label={text.nav.label}>
      <Link href="/" className="nav-link" aria-current={current('/')}>
        <WorldIcon />
        {text.nav.everybody}
      </Link>
      <Link href="/me" className="nav-link" aria-current={current('/me')}>
        <PersonIcon />
        {text.nav.mine}
      </Link>
      <Link href="/new" className="nav-link nav-write" aria-current={current('/new')}>
        <PenIcon />
        {text.nav.write}
      </Link>
    </nav>
  );
}

function Account() {
  const { text } = useLanguage();
  const { name, signOut } = useSession();
  const [, navigate] = useLocation();
  if (name === undefined) {
    return (
      <Link href="/sign-in" className="button small">
        {text.account.signIn}
      </Link>
    );
  }
  return (
    <div className="account" ref={passFocus()}>
      <Link href="/me" className="account-name">
        <span className={`monogram ${tintOf(name)}`} aria-hidden="true">
          {[...name][0]}
        </span>
        <span className="unseen">{text.account.mine} </span>
        <span className="account-word" dir="auto">
          {name}
        </span>
      </Link>
      <button
        type="button"
        className="quiet round"
        aria-label={text.account.logOut}
        title={text.account.logOut}
        onClick={() => {
          signOut();
          navigate('/');
        }}
      >
        <LeaveIcon />
      </button>
    </div>
  );
}

export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 40 40" aria-hidden="true" focusable="false">
      <path
        className="mark-paper"
        d="M4 4h3a3 3 0 0 0 5.2 0h3a3 3 0 0 0 5.2 0h3a3 3 0 0 0 5.2 0H36v3.4a3 3 0 0 0 0 5.2v3a3 3 0 0 0 0 5.2v3a3 3 0 0 0 0 5.2V36h-7.4a3 3 0 0 0-5.2 0h-3a3 3 0 0 0-5.2 0h-3a3 3 0 0 0-5.2 0H4v-7a3 3 0 0 0 0-5.2v-3a3 3 0 0 0 0-5.2v-3a3 3 0 0 0 0-5.2z"
      />
      <path className="mark-ink" d="M9 12h22v16H9z" />
      <path className="mark-line" d="M9.5 13l10.5 8.5L30.5 13" />
    </svg>
  );
}
