import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { visit } from './chromium.ts';
import { card, compose, keptAre, sendPost } from './compose-page.ts';
import { photoFile, startService } from './service.ts';

let site: string;
before(async () => {
  site = await startService();
});

const preview = (page: Page) => page.getByRole('img', { name: 'Preview of your photo' });

/** Waits until a field has these words. */
function reads(page: Page, field: 'title' | 'body', words: string) {
  return page.waitForFunction(
    ([name, wanted]) =>
      document.querySelector<HTMLInputElement | HTMLTextAreaElement>(`[name=${name}]`)?.value === wanted,
    [field, words] as const,
  );
}

test('who signs out in one tab is signed out in all of them; who signs in as another has other drafts', async (t) => {
  const { page, complaints } = await visit(t, site, { name: 'Ada' });
  const other = await page.context().newPage();
  await page.goto(`${site}/new`);
  await compose(page, 'Ada’s own');
  await keptAre(page, { drafts: 1, photos: 0, uploads: 0 });
  await other.goto(`${site}/new`);
  await reads(other, 'title', 'Ada’s own');

  await page.getByRole('button', { name: 'Log out' }).click();
  await other.getByLabel('Your name').waitFor();
  assert.equal(await other.getByLabel('Title').count(), 0);
  await page.getByLabel('Your name').fill('Grace');
  await page.getByLabel('Your name').press('Enter');
  await other.getByRole('link', { name: 'My page: Grace' }).waitFor();
  await other.getByLabel('Title').waitFor();
  assert.equal(await other.getByLabel('Title').inputValue(), '');
  assert.deepEqual(complaints, []);
});

test('a draft that is open in two tabs loses neither its words nor its photo', async (t) => {
  const { page, complaints } = await visit(t, site, { name: 'Ada' });
  await page.clock.install();
  const other = await page.context().newPage();
  await page.goto(`${site}/new`);
  await page.getByLabel('Title').fill('Two desks');
  await keptAre(page, { drafts: 1, photos: 0, uploads: 0 });
  await other.goto(`${site}/new`);
  await reads(other, 'title', 'Two desks');

  await page.getByLabel('choose a file').setInputFiles(photoFile('coffee'));
  await preview(other).waitFor();
  await other.getByLabel('Message').fill('Written at the second.');
  await reads(page, 'body', 'Written at the second.');
  await page.reload();
  await reads(page, 'title', 'Two desks');
  await reads(page, 'body', 'Written at the second.');
  await preview(page).waitFor();
  await keptAre(page, { drafts: 1, photos: 1, uploads: 0 });

  // It can be had back for some seconds: they do not pass.
  await other.clock.pauseAt(Date.now() + 10_000);
  await other.getByRole('button', { name: 'Discard draft' }).click();
  await reads(page, 'title', '');
  await other.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Draft 1: Two desks' }).click();
  await reads(page, 'title', 'Two desks');
  await other.clock.resume();

  await sendPost(other);
  await card(other, 'Two desks').waitFor();
  await reads(page, 'title', '');
  await keptAre(page, { drafts: 0, photos: 0, uploads: 0 });
  assert.deepEqual(complaints, []);
});
