import assert from 'node:assert/strict';
import { before, test, type TestContext } from 'node:test';
import type { BrowserContextOptions } from 'playwright-core';
import { shifts, settle, watchShifts } from './checks.ts';
import { visit } from './chromium.ts';
import { labelled, seedPost, startService } from './service.ts';

const PHOTOS = 25;

let site: string;
before(async () => {
  site = await startService();
  for (let n = 1; n <= PHOTOS; n++)
    await seedPost(site, 'Lee', {
      title: `Number ${n} </script>`,
      photo: n % 2 === 0 ? 'chelsea' : 'coffee',
    });
  await labelled(site, 'Lee', PHOTOS);
});

const looks: Record<string, BrowserContextOptions> = {
  'a phone': {
    viewport: { width: 412, height: 823 },
    deviceScaleFactor: 1.75,
    isMobile: true,
    hasTouch: true,
  },
  'a desktop': { viewport: { width: 1280, height: 800 } },
  'a large screen': { viewport: { width: 2560, height: 1440 } },
};

/**
 * A visit that the list was sent with: one that is late is no part of the page, and on a loaded machine it is late now and then.
 * @returns what the page loads: photos, and which of them because it says so itself, and lists
 */
async function sentVisit(t: TestContext, look: BrowserContextOptions) {
  for (let visits = 0; visits < 50; visits++) {
    const { page, complaints } = await visit(t, site, { ...look, name: 'Ada' });
    await watchShifts(page);
    const session = await page.context().newCDPSession(page);
    const photos: { url: string; byPage: boolean; priority: string }[] = [];
    const lists: string[] = [];
    await session.send('Network.enable');
    session.on('Network.requestWillBeSent', ({ request, type }) => {
      if (request.url.includes('/posts?')) lists.push(request.url);
      if (type === 'Image' && request.url.includes('X-Amz-')) {
        // Not by its initiator: of an image that a script adds while the page is read, that is the page, too.
        const byPage = request.isLinkPreload === true;
        photos.push({ url: request.url, byPage, priority: request.initialPriority });
      }
    });
    // The list is there without a script asking for it: this one could not.
    await page.route('**/posts?*', (route) => route.abort());
    const sent = await page.goto(site);
    if ((await sent?.text())?.includes('id="first-page"')) return { page, complaints, photos, lists };
    await page.context().close();
  }
  throw new Error('The page never has the list.');
}

for (const [device, look] of Object.entries(looks)) {
  test(`on ${device} the first photos come with the page, once and before all scripts, and nobody asks for the list`, async (t) => {
    const { page, complaints, photos, lists } = await sentVisit(t, look);
    await page.getByRole('article', { name: `Number ${PHOTOS} </script>` }).waitFor();
    await page.waitForLoadState('networkidle');
    await settle(page);
    assert.deepEqual(
      lists.filter((url) => !url.includes('cursor')),
      [],
    );
    const preloaded = photos.filter(({ byPage }) => byPage);
    assert.equal(preloaded.length, device === 'a phone' ? 1 : 3);
    for (const { priority } of preloaded) assert.equal(priority, 'High');
    assert.equal(new Set(photos.map(({ url }) => url)).size, photos.length, 'none is loaded twice');
    const objects = photos.map(({ url }) => new URL(url).pathname.replace(/\/\d+\.webp$/, ''));
    assert.equal(new Set(objects).size, photos.length, 'and none in two sizes');
    const shown = await page
      .locator('article img')
      .evaluateAll((all) => all.map((image) => (image as HTMLImageElement).currentSrc));
    for (const { url } of preloaded) assert.ok(shown.includes(url), 'what was loaded ahead is shown');
    assert.deepEqual(await shifts(page), []);
    const unexpected = complaints.filter((it) => !/net::ERR_FAILED/.test(it));
    assert.deepEqual(unexpected, [], 'the policy of the page holds');
  });
}
