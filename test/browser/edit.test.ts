import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { changesOf, findings, overflow } from './checks.ts';
import { visit } from './chromium.ts';
import { apiOf, labelled, photoFile, seedPost, startService } from './service.ts';

let site: string;
before(async () => {
  site = await startService();
});

const card = (page: Page, title: string) => page.getByRole('article', { name: title, exact: true });
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });
const bare = (id: string) => id.replace('POST#', '');
const statusOf = async (id: string) => (await fetch(`${apiOf(site)}/posts/${bare(id)}`)).status;

/** Waits until what has the focus is called so; by its text, or by its label. */
function focusOn(page: Page, name: string) {
  return page.waitForFunction((wanted) => {
    const { activeElement: element } = document;
    return [element?.getAttribute('aria-label'), element?.textContent?.trim()].includes(wanted);
  }, name);
}

test('a deleted post can be had back as it was, and the server hears nothing of it', async (t) => {
  const id = await seedPost(site, 'Grace', { title: 'Hasty', photo: 'coffee' });
  await labelled(site, 'Grace', 1);
  const { page, complaints } = await visit(t, site, { name: 'Grace' });
  const changes = changesOf(page);
  await page.clock.install();
  await page.goto(`${site}/me`);
  await card(page, 'Hasty').getByText('Cup', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Delete “Hasty”' }).press('Enter');
  await card(page, 'Hasty').waitFor({ state: 'detached' });
  assert.equal(await page.getByRole('status').getByText('“Hasty” was deleted.').count(), 1);
  await focusOn(page, 'Undo');
  assert.deepEqual(await findings(page), []);
  await page.keyboard.press('Enter');
  await card(page, 'Hasty').getByText('Cup', { exact: true }).waitFor();
  await focusOn(page, 'Hasty');
  assert.equal(await page.getByText('was deleted').count(), 0);
  await page.clock.fastForward(20_000);
  await page.reload();
  await card(page, 'Hasty').waitFor();
  assert.equal(await statusOf(id), 200);
  assert.deepEqual(changes, []);
  assert.deepEqual(complaints, []);
});

test('when nobody wants it back the focus goes on at the start of the screen', async (t) => {
  await seedPost(site, 'Hedy', { title: 'Regretted' });
  const { page } = await visit(t, site, { name: 'Hedy' });
  const changes = changesOf(page);
  await page.clock.install();
  await page.goto(`${site}/me`);
  await page.getByRole('link', { name: 'Regretted' }).click();
  await heading(page, 'Regretted').waitFor();
  await page.getByRole('button', { name: 'Delete “Regretted”' }).click();
  await focusOn(page, 'Undo');
  assert.equal(new URL(page.url()).pathname, '/');
  assert.deepEqual(changes, []);
  await page.clock.fastForward(6_000);
  await focusOn(page, 'Everybody’s posts');
  assert.equal(changes.length, 1);
  assert.equal(await page.getByRole('button', { name: 'Undo' }).count(), 0);
});

for (const [how, leave] of [
  ['is closed', (page: Page) => page.close()],
  ['is left for another', (page: Page) => page.goto('about:blank')],
  ['is loaded anew', (page: Page) => page.reload()],
] as const) {
  test(`a deletion that could still be undone is final when the page ${how}`, async (t) => {
    const id = await seedPost(site, 'Joan', { title: 'Last words' });
    const { page } = await visit(t, site, { name: 'Joan' });
    await page.clock.install();
    await page.goto(`${site}/me`);
    await card(page, 'Last words').waitFor();
    // No time passes: what deletes is that the page is left.
    await page.clock.pauseAt(Date.now() + 1_000);
    await page.getByRole('button', { name: 'Delete “Last words”' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    assert.equal(await statusOf(id), 200);
    await leave(page);
    for (const end = Date.now() + 60_000; (await statusOf(id)) !== 404;)
      assert.ok(Date.now() < end, 'the post is still there after a minute');
  });
}

test('one’s own post is written anew where it stands, and everybody sees it', async (t) => {
  const id = await seedPost(site, 'Rosalind', { title: 'A cup', body: 'Of coffee.', photo: 'coffee' });
  await labelled(site, 'Rosalind', 1);
  const reader = await visit(t, site, { name: 'Ada' });
  await reader.page.goto(`${site}/p/${bare(id)}`);
  await heading(reader.page, 'A cup').waitFor();
  assert.equal(await reader.page.getByRole('button', { name: /^Edit/ }).count(), 0);

  const { page, complaints } = await visit(t, site, {
    name: 'Rosalind',
    viewport: { width: 360, height: 760 },
  });
  const changes = changesOf(page);
  await page.goto(`${site}/p/${bare(id)}`);
  await page.getByRole('button', { name: 'Edit “A cup”' }).press('Enter');
  await heading(page, 'Edit this post').waitFor();
  await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'title');
  assert.deepEqual(await findings(page), []);
  assert.equal(await overflow(page), 0);

  await page.getByLabel('Title').fill('');
  await page.getByLabel('Labels').fill(Array.from({ length: 21 }, (_, n) => `l${n}`).join());
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('A title, please.').waitFor();
  await page.getByText('At most 20 labels, please.').waitFor();
  assert.deepEqual(await findings(page), []);
  assert.deepEqual(changes, []);

  await page.getByLabel('Title').fill('A good cup');
  await page.getByLabel('Description').fill('A white cup on a table');
  await page.getByLabel('Labels').fill('Espresso, Morning , espresso');
  await page.getByLabel('Title').press('Enter');
  await heading(page, 'A good cup').waitFor();
  await focusOn(page, 'Edit “A good cup”');
  await page.getByRole('status').getByText('“A good cup” was changed.').waitFor();
  await page.getByRole('img', { name: 'A white cup on a table' }).waitFor();
  assert.deepEqual(await page.locator('.labels li').allTextContents(), ['Espresso', 'Morning']);
  assert.deepEqual(changes, [`PATCH /posts/${bare(id)}`]);

  await heading(reader.page, 'A good cup').waitFor();
  await reader.page.getByText('Morning', { exact: true }).waitFor();
  assert.equal(await reader.page.getByText('Of coffee.').count(), 1, 'what was not changed stays');
  await page.reload();
  await heading(page, 'A good cup').waitFor();
  assert.deepEqual(complaints, []);
});

test('a reading from before a change does not take it back, for as long as it may be one', async (t) => {
  const id = await seedPost(site, 'Maryam', { title: 'Before' });
  const stale = await (await fetch(`${apiOf(site)}/posts/${bare(id)}`)).text();
  const { page } = await visit(t, site, { name: 'Maryam' });
  await page.clock.install();
  await page.route(`**/posts/${bare(id)}`, (route) =>
    route.request().method() === 'GET'
      ? route.fulfill({ contentType: 'application/json', body: stale })
      : route.fallback(),
  );
  await page.goto(`${site}/p/${bare(id)}`);
  await page.getByRole('button', { name: 'Edit “Before”' }).click();
  await page.getByLabel('Title').fill('After');
  await page.getByRole('button', { name: 'Save' }).click();
  await heading(page, 'After').waitFor();
  const read = page.waitForResponse((response) => response.url().endsWith(`/posts/${bare(id)}`));
  await page.clock.fastForward(10_000);
  await (await read).finished();
  await page.evaluate(() => fetch('/health').then((response) => response.text()));
  assert.equal(await heading(page, 'After').count(), 1);
  // Whoever still reads it much later reads what is there.
  await page.clock.fastForward(30_000);
  await heading(page, 'Before').waitFor();
});

test('changes that are cancelled change nothing, and those that are refused are still there', async (t) => {
  const id = await seedPost(site, 'Lise', { title: 'As it was' });
  const { page } = await visit(t, site, { name: 'Lise' });
  const changes = changesOf(page);
  await page.goto(`${site}/p/${bare(id)}`);
  await page.getByRole('button', { name: 'Edit “As it was”' }).click();
  await page.getByLabel('Title').fill('Never mind');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await heading(page, 'As it was').waitFor();
  await focusOn(page, 'Edit “As it was”');
  assert.deepEqual(changes, []);

  await page.route('**/posts/*', (route) =>
    route.request().method() === 'PATCH'
      ? route.fulfill({ status: 503, body: 'nobody home' })
      : route.fallback(),
  );
  await page.getByRole('button', { name: 'Edit “As it was”' }).click();
  await page.getByLabel('Message').fill('What I meant.');
  await page.getByRole('button', { name: 'Save' }).press('Enter');
  await page.getByRole('alert').getByText('Your changes were not saved.').waitFor();
  await focusOn(page, 'Save');
  assert.equal(await page.getByLabel('Message').inputValue(), 'What I meant.');
  await page.unroute('**/posts/*');
  await page.getByRole('button', { name: 'Save' }).click();
  await heading(page, 'As it was').waitFor();
  await page.getByText('What I meant.').waitFor();
});

test('a photo is taken off its post, and another put in its place', async (t) => {
  const id = await seedPost(site, 'Edith', { title: 'Too private', photo: 'coffee' });
  await labelled(site, 'Edith', 1);
  const { page, complaints } = await visit(t, site, { name: 'Edith' });
  await page.goto(`${site}/me`);
  await page.getByRole('link', { name: 'Too private', exact: true }).click();
  await page.getByRole('article').getByRole('img').waitFor();
  await page.getByRole('button', { name: 'Edit “Too private”' }).click();
  await page.getByLabel('Take the photo off').check();
  await page.getByLabel('Labels').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByLabel('Add a photo').waitFor();
  assert.equal(await page.getByRole('article').getByRole('img').count(), 0);
  assert.equal(await page.getByText('Cup', { exact: true }).count(), 0);
  // The list knows it, too, and does not learn otherwise.
  await page.goBack();
  await card(page, 'Too private').waitFor();
  assert.equal(await card(page, 'Too private').getByRole('img').count(), 0);
  await card(page, 'Too private').getByLabel('Add a photo').setInputFiles(photoFile('chelsea'));
  await card(page, 'Too private').getByText('Cat', { exact: true }).waitFor();
  const post = await (await fetch(`${apiOf(site)}/posts/${bare(id)}`)).json();
  const { labels } = post as { labels: string[] };
  assert.ok(labels.includes('Cat') && !labels.includes('Cup'), `${labels}`);
  assert.deepEqual(complaints, []);
});

test('a photo is posted with a description, which is what it is called', async (t) => {
  const { page, complaints } = await visit(t, site, { name: 'Ada', locale: 'fr-FR' });
  await page.goto(`${site}/new`);
  await page.getByLabel('Titre').fill('Chelsea');
  await page.getByLabel('Message').fill('Elle dort.');
  assert.equal(
    await page.getByLabel('Description').count(),
    0,
    'without a photo there is nothing to describe',
  );
  await page.getByLabel('choisissez un fichier').setInputFiles(photoFile('chelsea'));
  await page.getByLabel('Description').fill('Une chatte rousse');
  assert.deepEqual(await findings(page), []);
  await page.getByRole('button', { name: 'Envoyer' }).click();
  await card(page, 'Chelsea').getByRole('img', { name: 'Une chatte rousse', exact: true }).waitFor();
  await card(page, 'Chelsea').getByText('Chat', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Chelsea', exact: true }).click();
  await page.getByRole('button', { name: 'Modifier «\u00a0Chelsea\u00a0»' }).click();
  assert.equal(await page.getByLabel('Description').inputValue(), 'Une chatte rousse');
  assert.deepEqual(await findings(page), []);
  await page.getByLabel('Description').fill('');
  await page.getByRole('button', { name: 'Enregistrer' }).click();
  await page.getByRole('img', { name: /^Chelsea\. Sur la photo\s: .*Chat/ }).waitFor();
  assert.deepEqual(complaints, []);
});
