import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { findings, overflow, settle } from './checks.ts';
import { visit } from './chromium.ts';
import { phonePhoto } from './phone-photo.ts';
import { labelled, photoFile, seedPost, startService } from './service.ts';

/** Pictures for the README, written when asked for, in one of the two rounds. */
const pictures = join(import.meta.dirname, '../../docs/screens');
const takesPictures = process.env.SCREENS === 'yes' && process.env.SITE_HOST !== 'postagram.test';

const looks: Record<string, BrowserContextOptions> = {
  light: { viewport: { width: 1200, height: 780 }, colorScheme: 'light' },
  dark: { viewport: { width: 1200, height: 780 }, colorScheme: 'dark' },
  phone: { viewport: { width: 360, height: 760 }, colorScheme: 'light', hasTouch: true, isMobile: true },
};

const card = (page: Page, title: string) => page.getByRole('article', { name: title, exact: true });

/** Each screen: who looks at it, where it is, and what to do until it is as it should be. */
const screens: Record<string, { name?: string; path: string; reach: (page: Page) => Promise<unknown> }> = {
  welcome: { path: '/', reach: (page) => card(page, 'Chelsea, unimpressed').waitFor() },
  'sign-in': { path: '/me', reach: (page) => page.getByLabel('Your name').waitFor() },
  feed: { name: 'Ada', path: '/', reach: (page) => card(page, 'Chelsea, unimpressed').waitFor() },
  mine: {
    name: 'Ada',
    path: '/me',
    reach: (page) => page.getByText('This photo could not be read.').waitFor(),
  },
  user: { name: 'Ada', path: '/u/Rémi', reach: (page) => card(page, 'Le café du matin').waitFor() },
  post: {
    name: 'Łukasz',
    path: '/',
    async reach(page) {
      await page.getByRole('link', { name: 'Chelsea, unimpressed', exact: true }).click();
      await page.getByRole('heading', { level: 1, name: 'Chelsea, unimpressed' }).waitFor();
    },
  },
  photo: {
    name: 'Ada',
    path: '/',
    async reach(page) {
      await card(page, 'Chelsea, unimpressed').locator('.photo-link').click();
      await page.locator('.pswp[aria-modal=true] img.pswp__img').first().waitFor();
    },
  },
  edit: {
    name: 'Łukasz',
    path: '/',
    async reach(page) {
      await page.getByRole('link', { name: 'Chelsea, unimpressed', exact: true }).click();
      await page.getByRole('button', { name: 'Edit “Chelsea, unimpressed”' }).click();
      await page.getByLabel('Labels').waitFor();
    },
  },
  delete: {
    name: 'Ada',
    path: '/new',
    async reach(page) {
      // One that nobody else looks for: leaving the page deletes it.
      await seedPost(site, 'Ada', { title: 'Too much said' });
      await page.goto(site);
      await page.getByRole('button', { name: 'Delete “Too much said”' }).first().click();
      await page.getByRole('button', { name: 'Undo' }).waitFor();
    },
  },
  empty: { path: '/u/Nobody', reach: (page) => page.getByText('Nothing from Nobody yet').waitFor() },
  new: {
    name: 'Ada',
    path: '/new',
    async reach(page) {
      await page.getByLabel('Title').fill('Second breakfast');
      await page.getByLabel('Message').fill('The first one was too early to count.');
      await page.getByLabel('choose a file').setInputFiles(photoFile('coffee'));
      await page.getByRole('img', { name: 'Preview of your photo' }).waitFor();
    },
  },
  mistakes: {
    name: 'Ada',
    path: '/new',
    async reach(page) {
      await page.getByRole('button', { name: 'Send' }).click();
      await page.getByText('A title, please.').waitFor();
    },
  },
  // Last: it leaves posts behind.
  sending: { name: 'Edith', path: '/new', reach: sendSlowly },
};

let site: string;
before(async () => {
  site = await startService();
  await seedPost(site, 'Ada', {
    title: 'Ideas for Saturday',
    body: 'The botanical garden opens late. Bring a sketchbook?',
  });
  await seedPost(site, 'Rémi', {
    title: 'Le café du matin',
    body: 'Un journal, et du temps.',
    photo: 'coffee',
  });
  await seedPost(site, 'Grace', {
    title: 'Ready for launch',
    body: 'The smile has not aged a day.',
    photo: 'astronaut',
  });
  await seedPost(site, 'Ada', {
    title: 'Not really a photo',
    body: 'It said .jpg, though.',
    photo: Buffer.from('no'),
  });
  await seedPost(site, 'Łukasz', {
    title: 'Chelsea, unimpressed',
    body: 'She has seen the new camera. She has opinions about the new camera.',
    photo: 'chelsea',
  });
  for (const user of ['Rémi', 'Grace', 'Łukasz']) await labelled(site, user, 1);
  if (takesPictures) await mkdir(pictures, { recursive: true });
});

for (const [screen, { name, path, reach }] of Object.entries(screens)) {
  for (const [look, options] of Object.entries(looks)) {
    test(`the ${screen} screen, ${look}: accessible, no error, no violation of its policy`, async (t) => {
      const { page, complaints } = await visit(t, site, { ...options, ...(name !== undefined && { name }) });
      await page.goto(site + path);
      await reach(page);
      await settle(page);
      if (takesPictures) await picture(page, `${screen}-${look}`);
      assert.deepEqual(await findings(page), []);
      assert.equal(await overflow(page), 0);
      assert.deepEqual(complaints, []);
    });
  }
}

/** A small file: at most 128 colours. */
async function picture(page: Page, file: string) {
  const shot = await page.screenshot();
  await sharp(shot)
    .png({ palette: true, colours: 128, effort: 8 })
    .toFile(join(pictures, `${file}.png`));
}

async function sendSlowly(page: Page) {
  await page.getByLabel('Title').fill('Good morning');
  await page.getByLabel('Message').fill('Says the cat.');
  await page.getByLabel('choose a file').setInputFiles(await phonePhoto());
  await page.getByRole('img', { name: 'Preview of your photo' }).waitFor();
  const session = await page.context().newCDPSession(page);
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: 60_000,
  });
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForFunction(() => (document.querySelector('progress')?.value ?? 0) > 0.2);
}
