import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { findings, outside, overflow, settle } from './checks.ts';
import { visit } from './chromium.ts';
import { apiOf, seedPost, startService } from './service.ts';

const LONG_NAME = 'W'.repeat(64);
const LONG_WORD = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';

let site: string;
let long: string;
before(async () => {
  site = await startService();
  await seedPost(site, 'Ada', { title: 'Short', body: 'And sweet.' });
  await seedPost(site, 'מרים', { title: 'שלום לכולם (1)', body: 'זה פוסט, 3 מילים!' });
  await seedPost(site, 'Edith', { title: 'No photo', photo: Buffer.from('not a photo') });
  long = await seedPost(site, LONG_NAME, {
    title: LONG_WORD.repeat(3),
    body: LONG_WORD.repeat(5),
    photo: Buffer.from('not a photo'),
  });
});

const card = (page: Page, title: string) => page.getByRole('article', { name: title, exact: true });

/** Lines that this text is set in. */
function linesOf(page: Page, text: string): Promise<number> {
  return page.evaluate((wanted) => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const start = node.textContent?.indexOf(wanted) ?? -1;
      if (start === -1) continue;
      const range = document.createRange();
      range.setStart(node, start);
      range.setEnd(node, start + wanted.length);
      return new Set([...range.getClientRects()].map(({ bottom }) => Math.round(bottom))).size;
    }
    return 0;
  }, text);
}

test('long words and names break nothing, nor does anything else at 320 px', async (t) => {
  const bare = long.replace('POST#', '');
  for (const [width, locale, colorScheme] of [
    [320, 'fr-FR', 'dark'],
    [1280, 'en-GB', 'light'],
  ] as const) {
    for (const name of [LONG_NAME, undefined]) {
      const { page } = await visit(t, site, {
        ...(name !== undefined && { name }),
        viewport: { width, height: 800 },
        locale,
        colorScheme,
      });
      for (const path of ['/', '/me', '/new', `/u/${LONG_NAME}`, `/p/${bare}`, '/p/gone', '/no/where']) {
        await page.goto(site + path);
        await page.getByRole('heading').first().waitFor();
        await page.waitForLoadState('networkidle');
        await settle(page);
        assert.equal(await overflow(page), 0, `${path} at ${width} px`);
        assert.deepEqual(await outside(page), [], `${path} at ${width} px`);
        assert.deepEqual(await findings(page), [], `${path} at ${width} px`);
        if (path === '/new' && name !== undefined) {
          const zone = await page.locator('.spot-empty').boundingBox();
          const room = await page.locator('.photo-spot').boundingBox();
          const wider = (zone?.width ?? Infinity) - (room?.width ?? 0);
          assert.ok(wider <= 0, `the drop zone is ${wider} px too wide at ${width} px`);
        }
        if (path !== '/') continue;
        const lines = await card(page, LONG_WORD.repeat(3)).evaluate((article) =>
          ['.author-name', '.card-title', '.card-body'].map((selector) => {
            const element = article.querySelector(selector) ?? article;
            const { lineHeight } = getComputedStyle(element);
            return Math.round(element.getBoundingClientRect().height / Number.parseFloat(lineHeight));
          }),
        );
        assert.deepEqual(lines, [2, 3, 5], `lines of a card at ${width} px`);
      }
    }
  }
});

test('what is written from right to left reads from right to left', async (t) => {
  const { page } = await visit(t, site, { name: 'Ada' });
  await page.goto(site);
  const directions = (title: string) =>
    card(page, title)
      .locator('.author-name, .card-title, .card-body')
      .evaluateAll((all) => all.map((element) => getComputedStyle(element).direction));
  await card(page, 'Short').waitFor();
  assert.deepEqual(await directions('שלום לכולם (1)'), ['rtl', 'rtl', 'rtl']);
  assert.deepEqual(await directions('Short'), ['ltr', 'ltr', 'ltr']);
  await page.goto(`${site}/new`);
  for (const label of ['Title', 'Message']) {
    await page.getByLabel(label).fill('שלום');
    assert.equal(await page.getByLabel(label).evaluate((it) => getComputedStyle(it).direction), 'rtl');
  }
});

test('a French page is French: why a photo was refused, one’s own posts by one name, hyphens that hold', async (t) => {
  const { page } = await visit(t, site, { name: 'Edith', locale: 'fr-FR' });
  await page.goto(`${site}/me`);
  await page.getByText('Ce n’est pas une image JPEG ou PNG.').waitFor();
  await page.getByRole('navigation').getByRole('link', { name: 'Mes publications' }).waitFor();
  await page.getByRole('heading', { level: 1, name: 'Mes publications' }).waitFor();
  // A reason that the page does not know yet.
  await page.route('**/posts?*', async (route) => {
    const body = await (await fetch(apiOf(route.request().url()))).text();
    await route.fulfill({
      contentType: 'application/json',
      body: body.replace(/"error":"[^"]*"/, '"error":"It is a drawing."'),
    });
  });
  await page.reload();
  await page.getByText('Cette photo n’a pas pu être lue. It is a drawing.').waitFor();

  const hyphenated = { '/new': ['collez\u2011la'], '/p/gone': ['peut\u2011être'] };
  for (const [path, words] of Object.entries(hyphenated)) {
    await page.goto(site + path);
    for (const word of words) await page.getByText(word).first().waitFor();
    for (let width = 250; width < 450; width += 10) {
      await page.setViewportSize({ width, height: 800 });
      for (const word of words) assert.equal(await linesOf(page, word), 1, `${word} at ${width} px`);
    }
  }
});

test('where one signs in by name the page says that a name is no password', async (t) => {
  for (const [locale, words] of [
    ['en-GB', 'It is no password: whoever types it can post and delete in your place.'],
    ['fr-FR', 'Ce n’est pas un mot de passe\u00a0: quiconque le saisit peut publier et supprimer'],
  ] as const) {
    const { page } = await visit(t, site, { locale });
    for (const path of ['/', '/me']) {
      await page.goto(site + path);
      await page.getByText(words).waitFor();
    }
    // And goes on saying it when the name will not do.
    await page.locator('form').getByRole('button').click();
    await page.getByRole('textbox', { name: /name|nom/ }).waitFor();
    assert.ok(await page.locator('.field-error').isVisible());
    assert.ok(await page.getByText(words).isVisible());
  }
});
