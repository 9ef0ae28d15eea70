import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { outside, overflow } from './checks.ts';
import { visit } from './chromium.ts';
import { phonePhoto } from './phone-photo.ts';
import { photoFile, seedPost, startService } from './service.ts';

let site: string;
before(async () => {
  site = await startService();
  await seedPost(site, 'Marguerite Yourcenar', { title: 'Ideas for Saturday' });
});

/** Waits until what has the focus is called so; by its text, or by its label. */
function focusOn(page: Page, name: string) {
  return page.waitForFunction((wanted) => {
    const { activeElement: element } = document;
    return [element?.getAttribute('aria-label'), element?.textContent?.trim()].includes(wanted);
  }, name);
}

test('whoever signs in or out goes on at the start of the screen, not at the top of the page', async (t) => {
  const { page, complaints } = await visit(t, site);
  await page.goto(site);
  await page.getByLabel('Your name').fill('Ada');
  await page.getByLabel('Your name').press('Enter');
  await focusOn(page, 'Everybody’s posts');
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByLabel('Your name').waitFor();
  await focusOn(page, 'Everybody’s posts');

  await page.goto(`${site}/new`);
  await page.getByLabel('Your name').fill('Ada');
  await page.getByRole('button', { name: 'Start posting' }).click();
  await focusOn(page, 'New post');
  assert.deepEqual(complaints, []);
});

test('whoever cancels, retries or takes a photo back goes on where the next step is', async (t) => {
  const { page, complaints } = await visit(t, site, { name: 'Ada' });
  await page.goto(`${site}/new`);
  await page.getByLabel('choose a file').setInputFiles(photoFile('coffee'));
  await page.getByRole('button', { name: 'Remove photo' }).press('Enter');
  await focusOn(page, 'choose a file');
  await page.getByLabel('choose a file').setInputFiles(await phonePhoto());
  await focusOn(page, 'Change photo');

  const session = await page.context().newCDPSession(page);
  const network = { offline: false, latency: 0, downloadThroughput: -1 };
  await session.send('Network.emulateNetworkConditions', { ...network, uploadThroughput: 20_000 });
  await page.getByLabel('Title').fill('Second thoughts');
  await page.getByLabel('Message').fill('And third ones.');
  await page.getByRole('button', { name: 'Send' }).press('Enter');
  await page.getByRole('button', { name: 'Cancel upload' }).press('Enter');
  await focusOn(page, 'Retry');
  await page.keyboard.press('Enter');
  await focusOn(page, 'Cancel upload');
  // When nothing is left to cancel the title of the post is what remains.
  await session.send('Network.emulateNetworkConditions', { ...network, uploadThroughput: -1 });
  await focusOn(page, 'Second thoughts');
  assert.deepEqual(complaints, []);
});

test('a post that the server refuses leaves the focus on the button that sent it', async (t) => {
  const { page } = await visit(t, site, { name: 'Ada' });
  await page.route('**/posts', (route) => route.fulfill({ status: 503, body: 'nobody home' }));
  await page.goto(`${site}/new`);
  await page.getByLabel('Title').fill('Once more');
  await page.getByLabel('Message').fill('With feeling.');
  await page.getByRole('button', { name: 'Send' }).press('Enter');
  await page.getByText('Your post was not sent.').waitFor();
  await focusOn(page, 'Send');
});

test('the keyboard goes through the header in the order in which it is seen', async (t) => {
  for (const width of [1280, 820, 412]) {
    // In the longer of the two languages.
    const { page } = await visit(t, site, {
      name: 'Ada',
      viewport: { width, height: 800 },
      locale: 'fr-FR',
    });
    await page.goto(site);
    await page.getByRole('navigation').waitFor();
    const row = await page.locator('.top-row').boundingBox();
    assert.ok(row && row.height <= 64, `the header has one row, not ${row?.height} px, at ${width} px`);
    const top: number[] = [];
    const bottom: number[] = [];
    // The first is the way past the header.
    await page.keyboard.press('Tab');
    for (let i = 0; i < 7; i++) {
      await page.keyboard.press('Tab');
      const { x, y } = await page.evaluate(() =>
        (document.activeElement ?? document.body).getBoundingClientRect().toJSON(),
      );
      (y < 400 ? top : bottom).push(x);
    }
    // On a phone the navigation has a row of its own, at the bottom edge.
    assert.equal(bottom.length, width < 780 ? 3 : 0, `at ${width} px`);
    for (const places of [top, bottom]) {
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b),
        `at ${width} px`,
      );
    }
  }
});

test('with text twice as large nothing of the header leaves the screen', async (t) => {
  for (const [width, height] of [
    [1280, 800],
    [412, 823],
    [320, 640],
  ] as const) {
    const { page } = await visit(t, site, { name: 'Ada', viewport: { width, height }, locale: 'fr-FR' });
    const session = await page.context().newCDPSession(page);
    await page.goto(site);
    await page.getByRole('article').first().waitFor();
    const check = async (how: string) => {
      const logOut = await page.getByRole('button', { name: 'Se déconnecter' }).boundingBox();
      const { x = -1, y = -1, width: size = 0, height: tall = 0 } = logOut ?? {};
      const seen = x >= 0 && y >= 0 && x + size <= width && y + tall <= height;
      assert.ok(seen, `${how}, ${width} px: log-out is at ${x}, ${y}`);
      assert.equal(await overflow(page), 0, `${how}, ${width} px`);
      const links = page.locator('.nav-link');
      const spilt = await links.evaluateAll(
        (all) => all.filter((it) => it.scrollWidth > it.clientWidth).length,
      );
      assert.equal(spilt, 0, `${how}, ${width} px: links of the navigation are narrower than their words`);
    };
    await page.evaluate(() => {
      document.documentElement.style.fontSize = '200%';
    });
    await check('larger text in the page');
    await page.evaluate(() => {
      document.documentElement.style.fontSize = '';
    });
    // What the reader sets in the browser; style sheets hear of it.
    await session.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } });
    await page.waitForFunction(() => getComputedStyle(document.documentElement).fontSize === '32px');
    await check('larger text in the browser');
    await page.getByRole('button', { name: 'Se déconnecter' }).click();
    await page.getByLabel('Votre nom').waitFor();
    assert.deepEqual(await outside(page), [], `the welcome, ${width} px`);
  }
});
