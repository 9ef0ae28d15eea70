import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { visit } from './chromium.ts';
import { seedPost, startService } from './service.ts';

let site: string;
before(async () => {
  site = await startService();
  // Without photos: their URLs change every quarter of an hour, and the answer with them.
  for (let n = 1; n <= 20; n++) await seedPost(site, 'Ada', { title: `Number ${n}` });
});

/** Bytes that Chromium says moved for an answer of which the body came from its cache: headers count as 300. */
const REVALIDATED = 300;

/** The readings of the first page so far: what moved for each, and how long its body is when it is unpacked. */
const readings = (page: Page) =>
  page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      // The type of the entries that this name gives.
      .map((entry) => entry as PerformanceResourceTiming)
      .filter(({ name }) => name.includes('/posts?'))
      .map(({ transferSize, encodedBodySize, decodedBodySize }) => ({
        transferSize,
        encodedBodySize,
        decodedBodySize,
      })),
  );

test('the first page is read again for a 304, and nothing on the page moves', async (t) => {
  const { page, complaints } = await visit(t, site, { name: 'Ada' });
  // Other lists come with their page, where they are read in time.
  await page.goto(`${site}/me`);
  await page.getByRole('article').first().waitFor();
  await page.waitForLoadState('networkidle');
  const [first] = await readings(page);
  assert.ok(first && first.encodedBodySize < first.decodedBodySize / 2, 'it is compressed');
  assert.ok(first.transferSize > first.encodedBodySize, 'it came over the network');

  await page.evaluate(() => {
    const changes: string[] = [];
    Reflect.set(window, 'changes', changes);
    new MutationObserver((records) => changes.push(...records.map(({ type }) => type))).observe(
      document.body,
      {
        subtree: true,
        childList: true,
        attributes: true,
        characterData: true,
      },
    );
    // What a tab that comes back does.
    window.dispatchEvent(new Event('visibilitychange'));
  });
  const known = (await readings(page)).length;
  await page.waitForFunction(
    (count) =>
      performance.getEntriesByType('resource').filter(({ name }) => name.includes('/posts?')).length > count,
    known,
  );
  await page.evaluate(() => new Promise(requestAnimationFrame));
  const last = (await readings(page)).at(-1);
  assert.deepEqual(last, { ...first, transferSize: REVALIDATED });
  assert.deepEqual(await page.evaluate(() => Reflect.get(window, 'changes')), []);

  await seedPost(site, 'Ada', { title: 'Something new' });
  await page.getByRole('heading', { name: 'Something new' }).waitFor();
  assert.deepEqual(complaints, []);
});
