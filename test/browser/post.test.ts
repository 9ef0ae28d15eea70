import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { before, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { settle } from './checks.ts';
import { visit } from './chromium.ts';
import { apiOf, labelled, seedPost, startService } from './service.ts';

/** Enough to reach beyond the first screen of every size below. */
const PHOTOS = 8;

let site: string;
before(async () => {
  site = await startService();
  for (let n = 1; n <= PHOTOS; n++)
    await seedPost(site, 'Rosalind', { title: `Photo ${n}`, photo: 'coffee' });
  await labelled(site, 'Rosalind', PHOTOS);
});

const bare = (id: string) => id.replace('POST#', '');
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });

async function removePost(user: string, id: string) {
  const url = `${apiOf(site)}/posts/${bare(id)}`;
  const { status } = await fetch(url, { method: 'DELETE', headers: { authorization: user } });
  assert.equal(status, 200);
}

test('a post that is deleted while its page is open says so, is not asked for again, and leaves the list', async (t) => {
  const id = await seedPost(site, 'Grace', { title: 'Going' });
  const { page } = await visit(t, site);
  let missed = 0;
  page.on('response', (response) => {
    if (response.url().endsWith(`/posts/${bare(id)}`) && response.status() === 404) missed++;
  });
  await page.clock.install();
  await page.goto(`${site}/u/Grace`);
  await page.getByRole('link', { name: 'Going' }).click();
  await heading(page, 'Going').waitFor();
  // The page has read it once: from here on every reading finds nothing.
  await page.waitForLoadState('networkidle');
  await removePost('Grace', id);
  await page.clock.fastForward(10_000);
  await heading(page, 'This post is gone').waitFor();
  assert.equal(await page.title(), 'This post is gone · Postagram');
  for (let i = 0; i < 6; i++) {
    await page.clock.fastForward(10_000);
    await page.evaluate(() => fetch('/health').then((response) => response.text()));
  }
  assert.equal(missed, 1);
  // The list is not read again: what it shows is what is known.
  await page.route('**/posts?*', () => {});
  await page.goBack();
  await heading(page, 'Posts by Grace').waitFor();
  assert.equal(await page.getByRole('article').count(), 0);
});

test('one’s own deleted post is gone at once on its page, too', async (t) => {
  await seedPost(site, 'Edith', { title: 'Mistake' });
  const { page } = await visit(t, site, { name: 'Edith' });
  await page.goto(`${site}/me`);
  await page.getByRole('link', { name: 'Mistake' }).click();
  await heading(page, 'Mistake').waitFor();
  await page.route('**/posts/*', (route) =>
    route.request().method() === 'DELETE' ? undefined : route.fallback(),
  );
  await page.getByRole('button', { name: 'Delete “Mistake”' }).click();
  await heading(page, 'Everybody’s posts').waitFor();
  await page.goBack();
  await heading(page, 'This post is gone').waitFor();
});

test('a post that a list has shown is there at once when it is opened', async (t) => {
  const { page, complaints } = await visit(t, site);
  await page.goto(`${site}/u/Rosalind`);
  const gate = new EventEmitter();
  const open = once(gate, 'open');
  await page.route('**/posts/*', (route) => open.then(() => route.continue()));
  await page.getByRole('link', { name: 'Photo 7', exact: true }).click();
  await heading(page, 'Photo 7').waitFor();
  assert.equal(await page.locator('.skeleton').count(), 0);
  const read = page.waitForResponse(/\/posts\/[^?]+$/);
  gate.emit('open');
  assert.equal((await read).status(), 200, 'and is read anew');
  const image = page.getByRole('article').getByRole('img');
  assert.equal(await image.getAttribute('loading'), 'eager');
  assert.deepEqual(complaints, []);
});

test('the photos of the first screen are loaded at once and before all others, the rest when one comes near', async (t) => {
  const looks: BrowserContextOptions[] = [
    { viewport: { width: 1280, height: 800 } },
    { viewport: { width: 412, height: 823 }, deviceScaleFactor: 1.75, isMobile: true, hasTouch: true },
  ];
  for (const look of looks) {
    const { page, complaints } = await visit(t, site, { ...look, name: 'Ada' });
    const session = await page.context().newCDPSession(page);
    const priorities = new Map<string, string>();
    await session.send('Network.enable');
    session.on('Network.requestWillBeSent', ({ request }) =>
      priorities.set(request.url, request.initialPriority),
    );
    await page.goto(`${site}/u/Rosalind`);
    await page.getByRole('article').first().waitFor();
    await settle(page);
    const photos = await page.locator('article img').evaluateAll((all) =>
      all.map((element) => {
        const image = element as HTMLImageElement;
        const { top } = image.getBoundingClientRect();
        return {
          seen: top < window.innerHeight,
          loading: image.loading,
          priority: image.fetchPriority,
          source: image.currentSrc,
        };
      }),
    );
    const seen = photos.filter((photo) => photo.seen);
    t.diagnostic(`${seen.length} of ${photos.length} photos are on the first screen`);
    assert.ok(seen.length > 0 && seen.length < PHOTOS);
    for (const photo of seen) {
      assert.deepEqual([photo.loading, photo.priority], ['eager', 'high']);
      assert.equal(priorities.get(photo.source), 'High');
    }
    for (const photo of photos.filter((it) => !it.seen))
      assert.deepEqual([photo.loading, photo.priority], ['lazy', 'auto']);
    assert.deepEqual(complaints, []);
  }
});
