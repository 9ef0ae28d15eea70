import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { visit } from './chromium.ts';
import { startService } from './service.ts';

let site: string;
before(async () => {
  site = await startService(['--accounts'], { ACCOUNTS_PORT: '0' });
});
// Browsers have what PKCE needs on https and on localhost.
const secure = process.env.SITE_HOST !== 'postagram.test';

const fillIn = async (page: Page, name: string, password: string, button = 'Sign in') => {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: button }).click();
};

async function send(page: Page, title: string) {
  await page.getByRole('link', { name: 'New post' }).click();
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Message').fill('Some text.');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByRole('article', { name: title, exact: true }).waitFor();
}

test(
  'on plain http under another name the page says that signing in needs https',
  {
    skip: secure,
  },
  async (t) => {
    const { page, complaints } = await visit(t, site);
    await page.goto(`${site}/new`);
    await page.getByText('Signing in needs a secure connection').waitFor();
    assert.deepEqual(complaints, []);
  },
);

test(
  'one signs in, posts, stays signed in over a reload and beyond a token, and signs out',
  {
    skip: !secure,
  },
  async (t) => {
    const { page, complaints } = await visit(t, site);
    await page.clock.install();
    await page.goto(`${site}/new`);
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('Password').waitFor();
    const violations = await page.evaluate(`${axe.source}; axe.run().then((run) => run.violations)`);
    assert.deepEqual(violations, []);
    await fillIn(page, 'ada', 'wrong password');
    await page.getByText('do not belong together').waitFor();
    // The answer was a 422, which the browser notes.
    complaints.length = 0;
    await fillIn(page, 'ada', 'postagram');

    await page.waitForURL(`${site}/new`);
    await page.getByRole('link', { name: 'My page: ada' }).waitFor();
    await send(page, 'From an account');

    await page.goto(`${site}/me`);
    // On its way to the issuer and back the page cannot be loaded again.
    await page.getByRole('link', { name: 'My page: ada' }).waitFor();
    await page.reload();
    await page.getByRole('link', { name: 'My page: ada' }).waitFor();
    assert.equal(page.url(), `${site}/me`);
    await page.getByRole('article', { name: 'From an account' }).waitFor();

    // An hour is what a token is good for.
    await page.clock.fastForward(3_580_000);
    const renewed = page.waitForResponse((response) => response.url().endsWith('/oauth2/token'));
    await send(page, 'An hour later');
    assert.equal((await renewed).status(), 200);

    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    assert.equal(kept, '[{"postagram.account":"yes"},{}]', 'no token is where a reload would find it');

    const other = await page.context().newPage();
    await other.goto(site);
    await other.getByRole('link', { name: 'My page: ada' }).waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).waitFor();
    await other.getByRole('main').getByRole('button', { name: 'Sign in' }).waitFor();
    await page.reload();
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('Password').waitFor();
    assert.deepEqual(complaints, []);
  },
);

test(
  'who has no account makes one; who is signed out elsewhere reads on as a stranger',
  {
    skip: !secure,
  },
  async (t) => {
    const { page, complaints } = await visit(t, site, { locale: 'fr-CA' });
    await page.goto(`${site}/me`);
    await page.getByText('Vous reviendrez ici ensuite.').waitFor();
    await page.getByRole('main').getByRole('button', { name: 'Connexion' }).click();
    await page.getByRole('link', { name: 'Make an account' }).click();
    await fillIn(page, 'Łukasz', 'a good one', 'Make an account');
    await page.waitForURL(`${site}/me`);
    await page.getByText('Łukasz', { exact: true }).waitFor();
    await page.context().clearCookies();
    await page.reload();
    await page.getByText('Vous reviendrez ici ensuite.').waitFor();
    assert.equal(page.url(), `${site}/me`);
    assert.deepEqual(complaints, []);
  },
);

test(
  'a page that is sent back with a code that it did not ask for takes nothing of it',
  {
    skip: !secure,
  },
  async (t) => {
    const { page, complaints } = await visit(t, site);
    await page.goto(`${site}/?code=somebody-elses&state=made-up`);
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).waitFor();
    assert.equal(page.url(), `${site}/`);
    assert.deepEqual(complaints, []);
  },
);
