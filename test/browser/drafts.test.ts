import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { findings } from './checks.ts';
import { visit } from './chromium.ts';
import { card, compose, gate, keptAre, sendPost } from './compose-page.ts';
import { apiOf, startService } from './service.ts';

let site: string;
before(async () => {
  site = await startService();
});

const preview = (page: Page) => page.getByRole('img', { name: 'Preview of your photo' });

async function isWritten(page: Page, title: string) {
  await preview(page).waitFor();
  assert.equal(await page.getByLabel('Title').inputValue(), title);
  assert.equal(await page.getByLabel('Message').inputValue(), 'Typed once, never again.');
  assert.equal(await page.getByLabel('Description').inputValue(), 'A cup');
  await page.waitForFunction(
    () => document.querySelector<HTMLImageElement>('.photo-spot img')?.naturalWidth === 600,
  );
}

const posts = async (user: string) => {
  const response = await fetch(`${apiOf(site)}/posts?user=${encodeURIComponent(user)}`);
  return ((await response.json()) as { title: string }[]).map(({ title }) => title);
};

test('a draft survives a reload, Back, a closed tab and a crash, and is gone once it is posted', async (t) => {
  const { page, complaints } = await visit(t, site, { name: 'Ada' });
  await page.goto(site);
  await page.getByRole('navigation').getByRole('link', { name: 'New post' }).click();
  await compose(page, 'Unfinished', 'coffee');
  await keptAre(page, { drafts: 1, photos: 1, uploads: 0 });
  await page.getByLabel('Description').fill('A cup');
  // At once: the page is left before a pause in the typing.
  await page.reload();
  await isWritten(page, 'Unfinished');

  await page.goBack();
  await page.getByRole('heading', { level: 1, name: 'Everybody’s posts' }).waitFor();
  await page.goForward();
  await isWritten(page, 'Unfinished');
  await page.getByRole('navigation').getByRole('link', { name: 'Everybody' }).click();
  await page.getByRole('navigation').getByRole('link', { name: 'New post' }).click();
  await isWritten(page, 'Unfinished');

  await page.close();
  const next = await page.context().newPage();
  await next.goto(`${site}/new`);
  await isWritten(next, 'Unfinished');

  const crashed = next.waitForEvent('crash');
  const session = await next.context().newCDPSession(next);
  session.send('Page.crash').catch(() => undefined);
  await crashed;
  const last = await page.context().newPage();
  await last.goto(`${site}/new`);
  await isWritten(last, 'Unfinished');
  assert.deepEqual(await findings(last), []);
  await keptAre(last, { drafts: 1, photos: 1, uploads: 0 });

  await sendPost(last);
  await card(last, 'Unfinished').getByText('Cup', { exact: true }).waitFor();
  await keptAre(last, { drafts: 0, photos: 0, uploads: 0 });
  await last.goto(`${site}/new`);
  await last.getByLabel('Title').waitFor();
  assert.equal(await last.getByLabel('Title').inputValue(), '');
  assert.deepEqual(complaints, []);
});

test('a draft is discarded, and had back', async (t) => {
  const { page, complaints } = await visit(t, site, { name: 'Ada' });
  await page.clock.install();
  await page.goto(`${site}/new`);
  await page.getByLabel('Title').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Discard draft' }).count(), 0);
  await compose(page, 'Second thoughts', 'coffee');
  await page.getByLabel('Description').fill('A cup');
  // It can be had back for some seconds: they do not pass.
  await page.clock.pauseAt(Date.now() + 10_000);
  await page.getByRole('button', { name: 'Discard draft' }).click();
  await page.getByText('The draft was discarded.').waitFor();
  assert.equal(await page.getByLabel('Title').inputValue(), '');
  await keptAre(page, { drafts: 0, photos: 0, uploads: 0 });
  await page.getByRole('button', { name: 'Undo' }).click();
  await isWritten(page, 'Second thoughts');
  await keptAre(page, { drafts: 1, photos: 1, uploads: 0 });
  await page.clock.resume();

  await page.getByRole('button', { name: 'Discard draft' }).click();
  await keptAre(page, { drafts: 0, photos: 0, uploads: 0 });
  await page.reload();
  await page.getByLabel('Title').waitFor();
  assert.equal(await page.getByLabel('Title').inputValue(), '');
  assert.deepEqual(complaints, []);
});

test('drafts are shown to who wrote them, and to nobody else', async (t) => {
  const { page, complaints } = await visit(t, site, { name: 'Ada' });
  await page.goto(`${site}/new`);
  await compose(page, 'For my eyes only');
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByLabel('Your name').fill('Grace');
  await page.getByLabel('Your name').press('Enter');
  await page.getByRole('link', { name: 'My page: Grace' }).waitFor();
  await page.getByRole('navigation').getByRole('link', { name: 'New post' }).click();
  await page.getByLabel('Title').waitFor();
  assert.equal(await page.getByLabel('Title').inputValue(), '');
  await keptAre(page, { drafts: 1, photos: 0, uploads: 0 });
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByLabel('Your name').fill('Ada');
  await page.getByLabel('Your name').press('Enter');
  await page.getByRole('navigation').getByRole('link', { name: 'New post' }).click();
  await page.getByLabel('Title').waitFor();
  assert.equal(await page.getByLabel('Title').inputValue(), 'For my eyes only');
  assert.deepEqual(complaints, []);
});

test('Ctrl+Enter, or Cmd+Enter, posts from every field, once', async (t) => {
  const { page, complaints } = await visit(t, site, { name: 'Edith' });
  for (const [field, keys, words] of [
    ['Title', 'Control+Enter', 'One'],
    ['Message', 'Meta+Enter', 'Two'],
    ['Description', 'Control+Enter', 'Three'],
  ] as const) {
    await page.goto(`${site}/new`);
    await compose(page, words, 'coffee');
    await page.getByLabel(field).press(keys);
    await card(page, words).getByText('Cup', { exact: true }).waitFor();
  }
  await page.goto(`${site}/new`);
  await page.getByLabel('Message').press('Enter');
  await page.getByLabel('Message').press('Control+Enter');
  await page.getByText('A title, please.').waitFor();
  assert.deepEqual((await posts('Edith')).toSorted(), ['One', 'Three', 'Two']);
  assert.deepEqual(complaints, []);
});

test('a draft whose answer never came stays, says that it may be a post, and is not sent by itself', async (t) => {
  const { page } = await visit(t, site, { name: 'Emmy' });
  await page.goto(`${site}/new`);
  await compose(page, 'Once is enough');
  const arrived = gate();
  await page.route('**/posts', async (route) => {
    if (route.request().method() !== 'POST') return route.fallback();
    const { url, method, headers, body } = {
      url: apiOf(route.request().url()),
      ...requestOf(route.request()),
    };
    await fetch(url, { method, headers, body });
    // The answer is kept from the page.
    arrived.open();
  });
  await sendPost(page);
  await arrived.opened;
  await page.reload();
  await page.getByText('This may be a post already').waitFor();
  assert.equal(await page.getByLabel('Title').inputValue(), 'Once is enough');
  assert.deepEqual(await posts('Emmy'), ['Once is enough']);
  await page.getByRole('button', { name: 'Discard draft' }).click();
  await keptAre(page, { drafts: 0, photos: 0, uploads: 0 });
  assert.deepEqual(await posts('Emmy'), ['Once is enough']);
});

test('where there is no room the page works as ever, and says that the draft is not kept', async (t) => {
  const { page, complaints } = await visit(t, site, { name: 'Mary' });
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: site, quotaSize: 1 });
  await page.goto(`${site}/new`);
  await compose(page, 'Cramped', 'chelsea');
  await page.getByText('This browser has no room for all of this draft').waitFor();
  await sendPost(page);
  await card(page, 'Cramped').getByText('Cat', { exact: true }).waitFor();
  assert.deepEqual(complaints, []);
});

test('where the browser keeps nothing the page works as ever, and says so', async (t) => {
  const { page, complaints } = await visit(t, site, { name: 'Mary' });
  await page.addInitScript(() => Object.defineProperty(window, 'indexedDB', { value: undefined }));
  await page.goto(`${site}/new`);
  await page.getByLabel('Title').waitFor();
  assert.equal(await page.getByText('This browser keeps no drafts').count(), 0);
  await compose(page, 'Without a trace', 'coffee');
  await page.getByText('This browser keeps no drafts').waitFor();
  await sendPost(page);
  await card(page, 'Without a trace').getByText('Cup', { exact: true }).waitFor();
  assert.deepEqual(complaints, []);
});

function requestOf(request: {
  method(): string;
  headers(): Record<string, string>;
  postData(): string | null;
}) {
  const { authorization = '', 'content-type': type = '' } = request.headers();
  return {
    method: request.method(),
    headers: { authorization, 'content-type': type },
    body: request.postData(),
  };
}
