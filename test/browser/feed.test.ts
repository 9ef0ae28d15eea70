import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Request } from 'playwright-core';
import { shifts, watchShifts } from './checks.ts';
import { visit } from './chromium.ts';
import { labelled, seedPost, startService } from './service.ts';

const POSTS = 65;
/** Every so many posts have a photo. */
const PHOTO_EVERY = 3;

let site: string;
before(async () => {
  site = await startService();
  for (let n = 1; n <= POSTS; n++) {
    await seedPost(site, 'Ada', { title: `Number ${n}`, ...(n % PHOTO_EVERY === 0 && { photo: 'coffee' }) });
  }
  await labelled(site, 'Ada', Math.floor(POSTS / PHOTO_EVERY));
});

test('scrolling goes on past 50 posts to the first of all, newest first, each once', async (t) => {
  const { page, complaints } = await visit(t, site);
  await page.goto(site);
  await page.getByRole('article').first().waitFor();
  // Only those near the window are on the page: what has been there is noted, by the number that each says it has.
  const seen = new Map<string, string>();
  const note = async () => {
    const cards = await page.getByRole('article').evaluateAll((all) =>
      all.map((card) => ({
        number: card.getAttribute('aria-posinset') ?? '',
        title: card.querySelector('h2')?.textContent ?? '',
      })),
    );
    for (const { number, title } of cards) seen.set(number, title);
  };
  while (!(await page.getByText('That was the first post of all.').isVisible())) {
    await note();
    await page.mouse.wheel(0, 400);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  await page.keyboard.press('End');
  await page.getByRole('article', { name: 'Number 1', exact: true }).waitFor();
  await note();
  assert.deepEqual(
    Object.fromEntries(seen),
    Object.fromEntries(Array.from({ length: POSTS }, (_, i) => [`${i + 1}`, `Number ${POSTS - i}`])),
  );
  assert.deepEqual(complaints, []);
});

test('the first load is at most 10 requests besides the photos in view, and 120 KB of JavaScript', async (t) => {
  const { page, complaints } = await visit(t, site);
  const requests: Request[] = [];
  page.on('request', (request) => requests.push(request));
  await page.goto(site);
  await page.getByRole('article').first().waitFor();
  await page.waitForLoadState('networkidle');
  const photos = requests.filter((request) => request.url().includes('X-Amz-'));
  const others = requests.filter((request) => !photos.includes(request)).map((request) => request.url());
  assert.ok(others.length <= 10, `${others.length} requests: ${others.join(' ')}`);

  const scripts = requests.filter((request) => request.resourceType() === 'script');
  const sizes = await Promise.all(scripts.map((script) => script.sizes()));
  const bytes = sizes.reduce((sum, { responseBodySize }) => sum + responseBodySize, 0);
  t.diagnostic(`${others.length} requests and ${photos.length} photos, ${bytes} bytes of JavaScript`);
  assert.ok(bytes > 0 && bytes <= 120_000, `${bytes} bytes of JavaScript`);

  const images = await page
    .locator('article img')
    .evaluateAll((all) => all.map((it) => it.hasAttribute('width') && it.hasAttribute('height')));
  const all = Math.floor(POSTS / PHOTO_EVERY);
  assert.ok(photos.length > 0 && photos.length < all, `${photos.length} of ${all} photos were loaded`);
  for (const isBoxed of images) assert.ok(isBoxed);
  assert.deepEqual(complaints, []);
});

test('nothing moves while the page loads', async (t) => {
  const { page } = await visit(t, site);
  await watchShifts(page);
  // How one signs in is known last, as on a slow line.
  const posts = page.getByRole('article').first().waitFor();
  await page.route('**/config', (route) => posts.then(() => route.continue()));
  await page.goto(site);
  await page.getByRole('textbox', { name: 'Your name' }).waitFor();
  await page.waitForLoadState('networkidle');
  assert.deepEqual(await shifts(page), []);
});

test('a photo is loaded once, however often the list is read again', async (t) => {
  const { page } = await visit(t, site);
  const photos: string[] = [];
  let reads = 0;
  page.on('request', (request) => {
    if (request.resourceType() === 'image' && request.url().includes('X-Amz')) photos.push(request.url());
    if (new URL(request.url()).pathname === '/posts') reads++;
  });
  const dates = () => new Set(photos.map((url) => new URL(url).searchParams.get('X-Amz-Date')));
  let loaded = 0;
  // Once more if the quarter of an hour ends meanwhile, for which a photo has the same URL.
  do {
    photos.length = 0;
    await page.goto(site);
    await page.getByRole('article').first().waitFor();
    await page.waitForLoadState('networkidle');
    loaded = photos.length;
    const readsBefore = reads;
    await page.waitForRequest((request) => new URL(request.url()).pathname === '/posts');
    await page.waitForLoadState('networkidle');
    assert.ok(reads > readsBefore);
  } while (dates().size > 1);
  assert.equal(photos.length, loaded);
});

test('new posts do not push away what one is reading: they wait for a click', async (t) => {
  const { page } = await visit(t, site);
  await page.goto(site);
  await page.getByRole('article').first().waitFor();
  await page.mouse.wheel(0, 1_500);
  await page.waitForFunction(() => window.scrollY > 500);
  await seedPost(site, 'Grace', { title: 'Hot off the press' });
  const held = page.getByRole('button', { name: '1 new post' });
  await held.waitFor();
  assert.equal(await page.getByRole('article', { name: 'Hot off the press' }).count(), 0);
  await held.click();
  await page.getByRole('article', { name: 'Hot off the press' }).waitFor();
  assert.equal(await page.evaluate(() => window.scrollY), 0);
});

test('the keyboard reaches everything, beginning with a way past the header', async (t) => {
  const { page } = await visit(t, site, { name: 'Ada' });
  await page.goto(`${site}/me`);
  await page.getByRole('article').first().waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'Skip to the posts');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.match(await focused(), /Ada$/);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('article').getByRole('heading', { level: 1 }).waitFor();
  await page.goBack();
  await page
    .getByRole('button', { name: /^Delete/ })
    .first()
    .press('Enter');
  await page.waitForFunction(() => document.activeElement?.textContent === 'Undo');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.matches('article .card-title a'));
});
