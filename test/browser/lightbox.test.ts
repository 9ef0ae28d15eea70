import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { findings } from './checks.ts';
import { visit } from './chromium.ts';
import { labelled, seedPost, startService } from './service.ts';

const PHOTOS = ['coffee', 'chelsea', 'astronaut'] as const;

let site: string;
const ids: string[] = [];
before(async () => {
  site = await startService();
  for (const photo of PHOTOS) {
    const id = await seedPost(site, 'Lee', { title: `This is ${photo}`, photo });
    ids.unshift(id.replace('POST#', ''));
    await seedPost(site, 'Lee', { title: `Not ${photo}` });
  }
  await labelled(site, 'Lee', PHOTOS.length);
});

const link = (page: Page, photo: string) =>
  page.getByRole('article', { name: `This is ${photo}` }).locator('.photo-link');
/** Open, and taking keys. */
const dialog = (page: Page, photo: string) =>
  page.locator(`[role=dialog][aria-modal=true][aria-label="This is ${photo}"]`);
const gone = (page: Page) => page.locator('.pswp').waitFor({ state: 'detached' });
const at = (page: Page, path: string) => page.waitForURL(`${site}${path}`);

/** A photo is loaded, in the place that is shown or in another. */
const seen = (page: Page, photo: string, place = '[aria-hidden=false]') =>
  page.waitForFunction(
    ([selector, title]) =>
      [...document.querySelectorAll<HTMLImageElement>(selector)].some(
        (image) => image.alt.includes(title) && image.complete && image.naturalWidth > 0,
      ),
    [`.pswp__item${place} img.pswp__img`, `This is ${photo}`] as const,
  );

test('a photo opens alone: arrows turn to the next, its address is in the URL, Esc and Back lead to where one was', async (t) => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, complaints } = await visit(t, site, { name: 'Ada', colorScheme });
    const scripts: string[] = [];
    page.on('request', (request) => {
      if (request.resourceType() === 'script') scripts.push(request.url());
    });
    await page.goto(site);
    await link(page, 'astronaut').waitFor();
    await page.waitForLoadState('networkidle');
    assert.ok(!scripts.some((url) => url.includes('viewer')), 'what it takes is not loaded before');
    await link(page, 'astronaut').press('Enter');
    await dialog(page, 'astronaut').waitFor();
    await at(page, `/?photo=${ids[0]}`);
    await seen(page, 'astronaut');
    await seen(page, 'chelsea', '[aria-hidden=true]');
    assert.deepEqual(await findings(page), []);

    await page.keyboard.press('ArrowRight');
    await dialog(page, 'chelsea').waitFor();
    await at(page, `/?photo=${ids[1]}`);
    await seen(page, 'chelsea');
    await page.keyboard.press('ArrowLeft');
    await dialog(page, 'astronaut').waitFor();
    await page.getByRole('button', { name: 'Next photo' }).click();
    await dialog(page, 'chelsea').waitFor();
    await page.keyboard.press('Escape');
    await gone(page);
    await at(page, '/');
    await page.waitForFunction(() => document.activeElement?.className === 'photo-link');

    await link(page, 'coffee').click();
    await dialog(page, 'coffee').waitFor();
    await page.goBack();
    await gone(page);
    await at(page, '/');
    await page.goForward();
    await dialog(page, 'coffee').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await gone(page);
    await at(page, '/');
    // The steps between photos are none of Back's.
    await page.getByRole('link', { name: 'This is coffee', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'This is coffee' }).waitFor();
    assert.equal(await page.evaluate(() => window.scrollY), 0);
    await page.goBack();
    await link(page, 'coffee').waitFor();
    assert.deepEqual(complaints, []);
  }
});

test('the photo of a post’s own page opens, too, and the address of a photo opens it', async (t) => {
  const { page, complaints } = await visit(t, site, { locale: 'fr-FR' });
  await page.goto(`${site}/p/${ids[0]}`);
  await link(page, 'astronaut').click();
  await dialog(page, 'astronaut').waitFor();
  await at(page, `/p/${ids[0]}?photo=${ids[0]}`);
  await page.reload();
  await dialog(page, 'astronaut').waitFor();
  await seen(page, 'astronaut');
  await page.getByRole('button', { name: 'Fermer' }).click();
  await gone(page);
  await at(page, `/p/${ids[0]}`);

  await page.goto(`${site}/?photo=${ids[2]}`);
  await dialog(page, 'coffee').waitFor();
  await page.keyboard.press('Escape');
  await gone(page);
  await at(page, '/');
  assert.deepEqual(complaints, []);
});

test('a photo that the list does not have is shown over its own post', async (t) => {
  const { page } = await visit(t, site);
  await seedPost(site, 'Grace', { title: 'Somewhere else' });
  await page.goto(`${site}/u/Grace?photo=${ids[1]}`);
  await dialog(page, 'chelsea').waitFor();
  await at(page, `/p/${ids[1]}?photo=${ids[1]}`);
  await page.keyboard.press('Escape');
  await gone(page);
  await at(page, `/p/${ids[1]}`);
});

test('two fingers enlarge a photo, and one turns to the next', async (t) => {
  const { page } = await visit(t, site, {
    viewport: { width: 412, height: 823 },
    isMobile: true,
    hasTouch: true,
  });
  await page.goto(`${site}/?photo=${ids[0]}`);
  await seen(page, 'astronaut');
  const session = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', points: [number, number][]) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y]) => ({ x, y })) });
  await touch('touchStart', [[350, 400]]);
  for (let x = 340; x >= 60; x -= 20) await touch('touchMove', [[x, 400]]);
  await touch('touchEnd', []);
  await dialog(page, 'chelsea').waitFor();
  await seen(page, 'chelsea');

  const width = () =>
    page
      .locator('.pswp__item[aria-hidden=false] img.pswp__img')
      .evaluate((image) => image.getBoundingClientRect().width);
  const fitting = await width();
  await touch('touchStart', [
    [180, 400],
    [230, 400],
  ]);
  for (let by = 10; by <= 120; by += 10) {
    await touch('touchMove', [
      [180 - by, 400],
      [230 + by, 400],
    ]);
  }
  await touch('touchEnd', []);
  await page.waitForFunction(
    (least) =>
      (document.querySelector('.pswp__item[aria-hidden=false] img.pswp__img')?.getBoundingClientRect()
        .width ?? 0) >
      least * 1.2,
    fitting,
  );
});
