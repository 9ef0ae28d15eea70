import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { findings, outside, overflow } from './checks.ts';
import { visit } from './chromium.ts';
import { labelled, seedPost, startService } from './service.ts';

let site: string;
before(async () => {
  site = await startService();
  await seedPost(site, 'Ada', { title: 'Chelsea', photo: 'chelsea' });
  await seedPost(site, 'Ada', { title: 'Espresso', photo: 'coffee' });
  await seedPost(site, 'Zoë Müller', { title: 'Without a photo' });
  await labelled(site, 'Ada', 2);
});

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true });
const card = (page: Page, title: string) => page.getByRole('article', { name: title, exact: true });
const typed = (page: Page) => page.getByRole('searchbox');

test('a label leads to the posts that have it, and Back to where one was', async (t) => {
  const { page, complaints } = await visit(t, site);
  await page.goto(site);
  await card(page, 'Chelsea').getByRole('link', { name: 'Cat', exact: true }).click();
  await heading(page, 'Posts with “cat”').waitFor();
  assert.equal(new URL(page.url()).pathname, '/label/cat');
  await card(page, 'Chelsea').waitFor();
  assert.equal(await page.getByRole('article').count(), 1);
  await page.waitForFunction(() => document.title === 'Posts with “cat” · Postagram');
  assert.deepEqual(await findings(page), []);
  await page.goBack();
  await card(page, 'Espresso').waitFor();
  // By its address, in every case.
  await page.goto(`${site}/label/CUP`);
  await card(page, 'Espresso').waitFor();
  assert.equal(await page.getByRole('article').count(), 1);
  assert.deepEqual(complaints, []);
});

test('a label that nobody has says so, with characters of all kinds', async (t) => {
  const { page, complaints } = await visit(t, site);
  for (const label of ['a/b #1 & “c”', '100 %', '?']) {
    await page.goto(`${site}/label/${encodeURIComponent(label)}`);
    await heading(page, `Posts with “${label}”`).waitFor();
    await page.getByText(`Nothing with “${label}” yet`).waitFor();
  }
  assert.deepEqual(complaints, []);
});

test('a search finds labels by how they begin, and a user by the exact name', async (t) => {
  const { page, complaints } = await visit(t, site);
  await page.goto(site);
  await page.getByRole('link', { name: 'Search' }).click();
  await heading(page, 'Search').waitFor();
  const found = page.getByRole('list', { name: 'Labels' }).getByRole('listitem');
  await typed(page).fill('CU');
  await page.waitForFunction(() => document.querySelectorAll('.found li').length === 1);
  assert.equal(await found.first().innerText(), 'Cup\n1 post');
  assert.equal(new URL(page.url()).search, '?q=CU');
  await typed(page).fill('zoë müller');
  await page.getByText('No label begins so.').waitFor();
  assert.equal(await page.getByRole('link', { name: 'Posts by' }).count(), 0);
  await typed(page).fill('Zoë Müller');
  await page.getByRole('link', { name: 'Posts by Zoë Müller' }).click();
  await card(page, 'Without a photo').waitFor();
  await page.goBack();
  await page.waitForFunction(() => document.querySelector('input')?.value === 'Zoë Müller');
  assert.deepEqual(complaints, []);
});

test('the search is whole on a phone, in French, in the dark', async (t) => {
  const viewport = { width: 320, height: 640 };
  const { page, complaints } = await visit(t, site, { viewport, locale: 'fr-FR', colorScheme: 'dark' });
  await page.goto(`${site}/search?q=c`);
  await heading(page, 'Rechercher').waitFor();
  await page.getByRole('link', { name: 'Tasse', exact: true }).waitFor();
  assert.deepEqual(await findings(page), []);
  assert.equal(await overflow(page), 0);
  assert.deepEqual(await outside(page), []);
  await page.getByRole('link', { name: 'Tasse', exact: true }).click();
  await heading(page, 'Publications avec «\u00a0tasse\u00a0»').waitFor();
  assert.equal(await overflow(page), 0);
  assert.deepEqual(complaints, []);
});

test('a French page has labels in French, and addresses as they were; an English one does not load the words', async (t) => {
  const { page, complaints } = await visit(t, site, { locale: 'fr-FR' });
  await page.goto(site);
  const chelsea = card(page, 'Chelsea');
  await chelsea.getByRole('link', { name: 'Chat', exact: true }).waitFor();
  assert.equal(await chelsea.getByRole('link', { name: 'Cat', exact: true }).count(), 0);
  await chelsea.getByRole('img', { name: /Sur la photo.*Chat/ }).waitFor();
  await chelsea.getByRole('link', { name: 'Chat', exact: true }).click();
  await heading(page, 'Publications avec «\u00a0chat\u00a0»').waitFor();
  assert.equal(new URL(page.url()).pathname, '/label/cat');

  await page.goto(`${site}/search`);
  // A word of the page, and one of what is stored.
  for (const word of ['CHAT', 'cat']) {
    await typed(page).fill(word);
    const found = page.getByRole('list', { name: 'Étiquettes' });
    await found.getByRole('link', { name: 'Chat', exact: true }).waitFor();
  }
  assert.deepEqual(complaints, []);

  const english = await visit(t, site);
  const asked: string[] = [];
  english.page.on('request', (request) => asked.push(request.url()));
  await english.page.goto(site);
  await card(english.page, 'Chelsea').getByRole('link', { name: 'Cat', exact: true }).waitFor();
  await english.page.waitForLoadState('networkidle');
  assert.deepEqual(
    asked.filter((url) => url.includes('labels-fr')),
    [],
  );
});
