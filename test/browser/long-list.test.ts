import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { visit } from './chromium.ts';
import { labelled, seedPost, startService } from './service.ts';

const POSTS = 240;
const PHOTO_EVERY = 8;
const MOST_ELEMENTS = 1_500;

let site: string;
before(async () => {
  site = await startService();
  for (let n = 1; n <= POSTS; n++)
    await seedPost(site, 'Ada', { title: `Number ${n}`, ...(n % PHOTO_EVERY === 0 && { photo: 'coffee' }) });
  await labelled(site, 'Ada', POSTS / PHOTO_EVERY);
});

const looks: Record<string, BrowserContextOptions> = {
  'a phone': { viewport: { width: 412, height: 823 }, isMobile: true, hasTouch: true },
  'a desktop': { viewport: { width: 1280, height: 800 } },
  'a large screen': { viewport: { width: 2560, height: 1440 } },
};

const end = (page: Page) => page.getByText('That was the first post of all.');
const elements = (page: Page) => page.evaluate(() => document.querySelectorAll('*').length);

/** More than a list of so many posts is windows high. */
const MOST_STEPS = 300;

/** A window further down, once what is being loaded is there. */
async function scrollOn(page: Page) {
  await page.evaluate(() => window.scrollBy(0, window.innerHeight));
  await page.evaluate(() => new Promise(requestAnimationFrame));
  await page.waitForFunction(() => document.querySelector('.feed-end')?.textContent !== 'Loading more…');
}

/** Far enough for what is on the screen at first to be no longer on the page. */
async function scrollFar(page: Page) {
  for (let step = 0; step < MOST_STEPS; step++) {
    await scrollOn(page);
    if (await page.evaluate(() => window.scrollY > 4 * window.innerHeight)) return;
  }
  assert.fail('The page does not scroll.');
}

/** To the end. */
async function scrollThrough(page: Page, at: () => Promise<void>) {
  for (let step = 0; step < MOST_STEPS; step++) {
    if (await end(page).isVisible()) return;
    await scrollOn(page);
    await at();
  }
  assert.fail(`The end is not reached: ${await page.locator('main').innerText()}`);
}

for (const [device, look] of Object.entries(looks)) {
  test(`on ${device} a list of ${POSTS} posts has at most ${MOST_ELEMENTS} elements, wherever one is`, async (t) => {
    const { page, complaints } = await visit(t, site, { ...look, name: 'Bob' });
    await page.goto(site);
    await page.getByRole('article').first().waitFor();
    let most = 0;
    await scrollThrough(page, async () => {
      most = Math.max(most, await elements(page));
    });
    t.diagnostic(`${most} elements`);
    assert.ok(most > 200 && most <= MOST_ELEMENTS, `${most} elements`);
    // And all the way up again the cards are there.
    await page.keyboard.press('Home');
    await page.getByRole('article', { name: `Number ${POSTS}`, exact: true }).waitFor();
    assert.deepEqual(complaints, []);
  });

  test(`on ${device} Back leads to where one was`, async (t) => {
    const { page } = await visit(t, site, { ...look, name: 'Bob' });
    await page.goto(site);
    await page.getByRole('article').first().waitFor();
    await scrollFar(page);
    await page.waitForLoadState('networkidle');
    const onTop = () =>
      page.locator('article').evaluateAll((cards) => {
        const card = cards.find((it) => it.getBoundingClientRect().top >= 0);
        return [
          card?.querySelector('h2')?.textContent,
          Math.round(card?.getBoundingClientRect().top ?? Number.NaN),
        ];
      });
    const there = await onTop();
    await page.locator('.card-title a', { hasText: String(there[0]) }).click();
    await page.getByRole('heading', { level: 1, name: String(there[0]), exact: true }).waitFor();
    assert.equal(await page.evaluate(() => window.scrollY), 0);
    await page.goBack();
    await page.getByRole('article', { name: String(there[0]), exact: true }).waitFor();
    await page.evaluate(() => new Promise(requestAnimationFrame));
    const [title, top] = await onTop();
    assert.equal(title, there[0]);
    assert.ok(Math.abs(Number(top) - Number(there[1])) <= 1, `${top} px from the top, and was ${there[1]}`);
  });
}

test('what has the focus stays on the page when one scrolls away from it', async (t) => {
  const { page } = await visit(t, site, { name: 'Bob' });
  await page.goto(site);
  const link = page.locator('.card-title a', { hasText: `Number ${POSTS}` });
  await link.focus();
  await scrollFar(page);
  assert.equal(
    await page.evaluate(() => document.activeElement?.textContent),
    `Number ${POSTS}`,
    'and the keyboard goes on from there',
  );
  assert.ok((await page.getByRole('article').count()) < 40);
});
