import { createHash } from 'node:crypto';

const STYLE = `
  :root { color-scheme: light dark; font: 18px/1.5 system-ui, sans-serif; }
  body { display: grid; min-height: 100vh; margin: 0; place-items: center; }
  main { box-sizing: border-box; width: min(24rem, 100%); padding: 1.5rem; }
  h1 { font-size: 1.6rem; }
  label { display: block; margin-top: 1rem; font-weight: 600; }
  input, button { box-sizing: border-box; width: 100%; padding: .6rem; font: inherit; }
  button { margin-top: 1.5rem; cursor: pointer; }
  small { opacity: .8; }
  [role=alert] { padding: .6rem; border: 2px solid #c0392b; }
`;

const styleHash = createHash('sha256').update(STYLE).digest('base64');

/**
 * Headers of a page. Chromium also asks `form-action` where the answer to a form leads: back to the site, at any port of
 * this machine.
 */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    'img-src data:',
    "form-action 'self' http://localhost:* http://127.0.0.1:*",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
};

/**
 * The form to sign in by, or to sign up by.
 * @param form.isNew for who has no account yet
 * @param form.name what was typed before
 * @param form.problem what was wrong with it
 */
export function signInPage({ isNew, name, problem }: { isNew: boolean; name: string; problem?: string }) {
  const title = isNew ? 'Make an account' : 'Sign in';
  const other = isNew
    ? '<a href="?">Sign in with an account you have</a>'
    : '<a href="?new">Make an account</a>';
  return page(
    title,
    `${problem === undefined ? '' : `<p role="alert">${escape(problem)}</p>`}
    <form method="post">
      ${isNew ? '<input type="hidden" name="new" value="1">' : ''}
      <label for="username">Name</label>
      <input id="username" name="username" value="${escape(name)}" autocomplete="username" required autofocus>
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="${isNew ? 'new' : 'current'}-password" required>
      ${isNew ? '<small>8 to 99 characters</small>' : ''}
      <button>${title}</button>
    </form>
    <p>${other}</p>
    <p><small>These accounts are in the data folder of this machine, and nowhere else.</small></p>`,
  );
}

/** A page that says something. */
export const messagePage = (text: string) => page('Sign in', `<p role="alert">${escape(text)}</p>`);

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${STYLE}</style>
<main>
<h1>${title}</h1>
${content}
</main>
</html>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
