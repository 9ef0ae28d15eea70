import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { findings, overflow } from './checks.ts';
import { visit } from './chromium.ts';
import { apiOf, labelled, seedPost, startService } from './service.ts';

let site: string;
let uuid: string;
before(async () => {
  site = await startService();
  uuid = bare(await seedPost(site, 'Ada', { title: 'Chelsea', photo: 'chelsea' }));
  await labelled(site, 'Ada', 1);
});

/** Browsers keep their clipboard from pages on plain HTTP, but on localhost. */
const isSecure = (process.env.SITE_HOST ?? 'localhost') === 'localhost';

const bare = (id: string) => id.replace('POST#', '');
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });
const titled = (page: Page, title: string) =>
  page.waitForFunction((wanted) => document.title === wanted, title);
const selection = (page: Page) => page.evaluate(() => String(document.getSelection()));
const focusOn = (page: Page, name: string) =>
  page.waitForFunction((wanted) => document.activeElement?.getAttribute('aria-label') === wanted, name);

test('a browser that shares nothing shows the address, selected, and the focus comes back from there', async (t) => {
  const { page, complaints } = await visit(t, site, { viewport: { width: 320, height: 640 } });
  await page.goto(`${site}/p/${uuid}`);
  await heading(page, 'Chelsea').waitFor();
  assert.equal(await page.evaluate(() => 'share' in navigator), false);
  await page.getByRole('button', { name: 'Share “Chelsea”' }).press('Enter');
  const panel = page.getByRole('dialog', { name: 'A link to this post' });
  await panel.waitFor();
  await focusOn(page, 'Address');
  assert.equal(await selection(page), `${site}/p/${uuid}`);
  assert.deepEqual(await findings(page), []);
  assert.equal(await overflow(page), 0);
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  await focusOn(page, 'Share “Chelsea”');
  await page.keyboard.press('Enter');
  await panel.getByRole('button', { name: 'Close' }).click();
  await panel.waitFor({ state: 'detached' });
  await focusOn(page, 'Share “Chelsea”');
  assert.deepEqual(complaints, []);
});

test('the address is copied where the page may, and says so where it may not after all', async (t) => {
  const { page, complaints } = await visit(t, site, { locale: 'fr-FR', colorScheme: 'dark' });
  await page.goto(`${site}/p/${uuid}`);
  await page.getByRole('button', { name: 'Partager «\u00a0Chelsea\u00a0»' }).click();
  const panel = page.getByRole('dialog', { name: 'Un lien vers cette publication' });
  await panel.waitFor();
  const copy = panel.getByRole('button', { name: 'Copier' });
  assert.equal(await copy.count(), isSecure ? 1 : 0);
  assert.deepEqual(await findings(page), []);
  if (!isSecure) return;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await copy.click();
  await panel.getByText('Copiée.').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${site}/p/${uuid}`);
  await page.evaluate(() =>
    Object.defineProperty(navigator.clipboard, 'writeText', {
      value: () => Promise.reject(new DOMException('', 'NotAllowedError')),
    }),
  );
  await copy.click();
  await panel.getByText('La copie n’a pas marché.').waitFor();
  await focusOn(page, 'Adresse');
  assert.equal(await selection(page), `${site}/p/${uuid}`);
  assert.deepEqual(complaints, []);
});

test('a browser that shares is handed title and address, and whoever thinks better of it is asked nothing', async (t) => {
  const { page, complaints } = await visit(t, site);
  // Chromium on Linux has nothing to share with: this is what others have.
  await page.addInitScript(() => {
    const shared: unknown[] = [];
    const share = (what: unknown) => {
      shared.push(what);
      const names = ['', 'AbortError', 'NotAllowedError'];
      const name = names[shared.length - 1];
      return name ? Promise.reject(new DOMException('', name)) : Promise.resolve();
    };
    Object.assign(window, { shared });
    Object.defineProperty(navigator, 'share', { value: share });
  });
  await page.goto(`${site}/p/${uuid}`);
  const button = page.getByRole('button', { name: 'Share “Chelsea”' });
  for (let times = 1; times <= 2; times++) {
    await button.click();
    await page.evaluate(() => new Promise(requestAnimationFrame));
    assert.equal(await page.getByRole('dialog').count(), 0);
  }
  // The third is refused: the address is there all the same.
  await button.click();
  await page.getByRole('dialog').waitFor();
  const handed = { title: 'Chelsea', url: `${site}/p/${uuid}` };
  const shared = await page.evaluate(() => Reflect.get(window, 'shared') as unknown);
  assert.deepEqual(shared, [handed, handed, handed]);
  assert.deepEqual(complaints, []);
});

test('a post and a user’s posts are there with their page, and are read anew like any', async (t) => {
  for (const path of [`/p/${uuid}`, '/u/Ada']) {
    const { page, complaints } = await visit(t, site, { name: 'Grace' });
    // Without their being sent there would be nothing to show.
    let shown = false;
    await page.route(/\/posts[/?]/, (route) => route.abort());
    for (let visits = 0; visits < 50 && !shown; visits++) {
      const sent = await page.goto(site + path);
      // On a loaded machine the database is late now and then.
      shown = (await sent?.text())?.includes('id="first-page"') ?? false;
    }
    assert.ok(shown);
    await page.getByRole('article', { name: 'Chelsea' }).getByText('Cat', { exact: true }).waitFor();
    await page.unroute(/\/posts[/?]/);
    await page.getByRole('article', { name: 'Chelsea' }).getByRole('img').waitFor();
    const unexpected = complaints.filter((it) => !/net::ERR_FAILED/.test(it));
    assert.deepEqual(unexpected, []);
  }
});

test('each screen has its title, in either language, a missing post and one that was renamed included', async (t) => {
  const id = bare(await seedPost(site, 'Lise', { title: 'Before' }));
  const titles = {
    'en-GB': {
      '/': 'Postagram',
      '/u/Ada': 'Posts by Ada · Postagram',
      '/me': 'My posts · Postagram',
      '/new': 'New post · Postagram',
      [`/p/${uuid}`]: 'Chelsea · Postagram',
      '/p/gone': 'This post is gone · Postagram',
      '/no/where': 'No such page · Postagram',
    },
    'fr-FR': {
      '/': 'Postagram',
      '/u/Ada': 'Publications de Ada · Postagram',
      '/me': 'Mes publications · Postagram',
      '/new': 'Nouvelle publication · Postagram',
      [`/p/${uuid}`]: 'Chelsea · Postagram',
      '/p/gone': 'Cette publication n’existe plus · Postagram',
      '/no/where': 'Page introuvable · Postagram',
    },
  };
  for (const [locale, paths] of Object.entries(titles)) {
    const { page } = await visit(t, site, { locale, name: 'Lise' });
    for (const [path, title] of Object.entries(paths)) {
      await page.goto(site + path);
      await titled(page, title);
    }
  }
  const { page } = await visit(t, site, { name: 'Lise' });
  await page.goto(`${site}/p/${id}`);
  await titled(page, 'Before · Postagram');
  await page.getByRole('button', { name: 'Edit “Before”' }).click();
  await page.getByLabel('Title').fill('After');
  await page.getByRole('button', { name: 'Save' }).click();
  await titled(page, 'After · Postagram');
});

test('the web app can be installed: its manifest and its icons are there and are what they say', async (t) => {
  const { page, complaints } = await visit(t, site);
  await page.goto(site);
  const session = await page.context().newCDPSession(page);
  const { url, errors } = await session.send('Page.getAppManifest');
  assert.equal(url, `${site}/manifest.webmanifest`);
  assert.deepEqual(errors, []);
  const answer = await fetch(`${apiOf(site)}/manifest.webmanifest`);
  assert.equal(answer.headers.get('content-type'), 'application/manifest+json');
  const { icons } = (await answer.json()) as { icons: { src: string; sizes: string }[] };
  assert.equal(icons.length, 3);
  let bytes = 0;
  for (const { src, sizes } of [...icons, { src: '/icons/apple-touch.png', sizes: '180x180' }]) {
    const icon = Buffer.from(await (await fetch(apiOf(site) + src)).arrayBuffer());
    bytes += icon.length;
    const [width, height] = [icon.readUInt32BE(16), icon.readUInt32BE(20)];
    assert.equal(`${width}x${height}`, sizes, src);
  }
  assert.ok(bytes < 30_000, `${bytes} bytes`);
  assert.deepEqual(complaints, []);
});
