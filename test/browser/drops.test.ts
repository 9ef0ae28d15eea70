import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { findings, outside, overflow } from './checks.ts';
import { visit } from './chromium.ts';
import { card, drop, keptAre, sendPost } from './compose-page.ts';
import { photoFile, seedPost, startService } from './service.ts';

let site: string;
let post: string;
before(async () => {
  site = await startService();
  const id = await seedPost(site, 'Ada', { title: 'Seen before' });
  post = `/p/${id.split('#')[1]}`;
});

const preview = (page: Page) => page.getByRole('img', { name: 'Preview of your photo' });
const drafts = (page: Page) => page.getByRole('navigation', { name: 'Drafts' }).getByRole('button');

test('a photo dropped on any screen opens a new post with it, and never leaves the page', async (t) => {
  for (const path of ['/', '/me', '/u/Ada', post, '/no-such-page']) {
    const { page, complaints } = await visit(t, site, { name: 'Ada' });
    await page.goto(site + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await drop(page, ['coffee']);
    await preview(page).waitFor();
    assert.equal(page.url(), `${site}/new`, path);
    await keptAre(page, { drafts: 1, photos: 1, uploads: 0 });
    assert.deepEqual(
      complaints.filter((line) => !line.includes('404')),
      [],
    );
  }
});

test('a post with words of its own is not given a photo that is dropped elsewhere', async (t) => {
  const { page } = await visit(t, site, { name: 'Ada' });
  await page.goto(`${site}/new`);
  await page.getByLabel('Title', { exact: true }).fill('Words alone');
  await page.getByRole('navigation').getByRole('link', { name: 'Everybody' }).click();
  await card(page, 'Seen before').waitFor();
  await drop(page, ['coffee']);
  await preview(page).waitFor();
  assert.equal(await page.getByLabel('Title', { exact: true }).inputValue(), '');
  await page.getByRole('button', { name: 'Draft 1: Words alone' }).click();
  await page.getByLabel('choose a file').waitFor();
  assert.equal(await page.getByLabel('Title', { exact: true }).inputValue(), 'Words alone');
});

test('what is being edited is not lost to a drop', async (t) => {
  const { page } = await visit(t, site, { name: 'Ada' });
  await page.goto(site + post);
  await page.getByRole('button', { name: 'Edit “Seen before”' }).click();
  await page.getByLabel('Title').fill('Half changed');
  await drop(page, ['coffee']);
  await page.getByText('What you dropped waits under “New post”.').waitFor();
  assert.equal(await page.getByLabel('Title').inputValue(), 'Half changed');
  await page.getByRole('navigation').getByRole('link', { name: 'New post' }).click();
  await preview(page).waitFor();
});

test('a photo dropped by a stranger waits until they have signed in', async (t) => {
  const { page, complaints } = await visit(t, site);
  await page.goto(site);
  await card(page, 'Seen before').waitFor();
  await drop(page, ['coffee']);
  await page.getByText('Your photo is kept.').waitFor();
  assert.equal(page.url(), `${site}/new`);
  assert.deepEqual(await findings(page), []);
  await keptAre(page, { drafts: 1, photos: 1, uploads: 0 });
  await page.reload();
  await page.getByText('Your photo is kept.').waitFor();
  await page.getByLabel('Your name').fill('Grace');
  await page.getByLabel('Your name').press('Enter');
  await preview(page).waitFor();
  await page.reload();
  await preview(page).waitFor();
  assert.deepEqual(complaints, []);
});

test('several photos become several drafts, and posting one opens the next', async (t) => {
  const { page, complaints } = await visit(t, site, { name: 'Edith' });
  await page.goto(`${site}/new`);
  await page.getByLabel('choose a file').setInputFiles(['coffee', 'chelsea', 'astronaut'].map(photoFile));
  await drafts(page).nth(2).waitFor();
  await page.getByText('600 × 400 px').waitFor();
  await keptAre(page, { drafts: 3, photos: 3, uploads: 0 });
  assert.equal(await drafts(page).first().getAttribute('aria-current'), 'true');
  assert.deepEqual(await findings(page), []);
  for (const width of [320, 2560]) {
    await page.setViewportSize({ width, height: 800 });
    assert.equal(await overflow(page), 0, `${width} px`);
    assert.deepEqual(await outside(page), [], `${width} px`);
  }
  await page.setViewportSize({ width: 1280, height: 800 });

  for (const [index, title] of ['First', 'Second', 'Third'].entries()) {
    await page.getByLabel('Title', { exact: true }).fill(title);
    await page.getByLabel('Message').fill('One of three.');
    await sendPost(page);
    if (index === 2) break;
    await page.getByText(`“${title}” was sent.`).waitFor();
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('.title-input')?.value === '');
    await preview(page).waitFor();
  }
  await card(page, 'First').getByText('Cup', { exact: true }).waitFor();
  await card(page, 'Second').getByText('Cat', { exact: true }).waitFor();
  await card(page, 'Third').waitFor();
  await keptAre(page, { drafts: 0, photos: 0, uploads: 0 });
  assert.deepEqual(complaints, []);
});

test('more photos than there is room for: it is said how many were taken', async (t) => {
  const { page } = await visit(t, site, { name: 'Emmy' });
  await page.goto(`${site}/new`);
  await page.getByLabel('choose a file').setInputFiles(Array.from({ length: 22 }, () => photoFile('coffee')));
  await page.getByText('Photos taken: 20 of 22. This browser keeps at most 20 drafts.').waitFor();
  await keptAre(page, { drafts: 20, photos: 20, uploads: 0 });
  assert.equal(await drafts(page).count(), 20);
  await page.reload();
  await drafts(page).nth(19).waitFor();
});
