import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { findings, overflow, settle, shifts, watchShifts } from './checks.ts';
import { visit } from './chromium.ts';
import { labelled, photoFile, seedPost, startService } from './service.ts';

/** Pixels; the longer side of each is what cameras' photos are scaled to. */
const SHAPES = {
  portrait: [1365, 2048],
  panorama: [2048, 205],
  square: [2048, 2048],
  landscape: [2048, 1536],
} as const;
/** Of each. Enough to reach beyond the first screen of every size below. */
const ROUNDS = 4;

const looks = {
  320: { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true, colorScheme: 'dark' },
  1280: { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  2560: { viewport: { width: 2560, height: 1440 }, colorScheme: 'dark' },
} satisfies Record<string, BrowserContextOptions>;
const phone = { viewport: { width: 412, height: 823 }, deviceScaleFactor: 1.75, isMobile: true } as const;

let site: string;
const ids = new Map<string, string>();
before(async () => {
  site = await startService();
  for (let round = 1; round <= ROUNDS; round++) {
    for (const [shape, [width, height]] of Object.entries(SHAPES)) {
      const photo = await sharp(photoFile('coffee')).resize(width, height).jpeg({ quality: 90 }).toBuffer();
      ids.set(shape, await seedPost(site, 'Lee', { title: `${shape} ${round}`, photo }));
    }
  }
  await labelled(site, 'Lee', ROUNDS * 4);
});

/** Each photo on the page: the window that it is seen through, and what it would take whole. */
const photos = (page: Page) =>
  page.locator('article').evaluateAll((cards) =>
    cards.map((card) => {
      const image = card.querySelector('img') ?? new Image();
      const box = image.getBoundingClientRect();
      return {
        title: card.querySelector('h1, h2')?.textContent ?? '',
        box: box.width / box.height,
        photo: Number(image.getAttribute('width')) / Number(image.getAttribute('height')),
        isInside: box.left >= 0 && box.right <= window.innerWidth,
        isSeen: box.top < window.innerHeight,
        height: box.height,
        loading: image.loading,
        priority: image.fetchPriority,
        placeholder: card.querySelector('canvas')?.width ?? 0,
      };
    }),
  );

const isAbout = (value: number, wanted: number) => Math.abs(value / wanted - 1) < 0.02;

for (const [width, look] of Object.entries(looks)) {
  test(`at ${width} px the feed shows photos in their own shape, or well cropped, and nothing moves`, async (t) => {
    const { page, complaints } = await visit(t, site, { ...look, name: 'Ada' });
    await watchShifts(page);
    await page.goto(site);
    await page.getByRole('article').first().waitFor();
    await page.waitForLoadState('networkidle');
    await settle(page);
    const shown = await photos(page);
    const narrowest = Number(width) < 640 ? 0.8 : 0.66;
    for (const { title, box, photo, isInside, placeholder } of shown) {
      const wanted = Math.min(2.6, Math.max(narrowest, photo));
      assert.ok(isAbout(box, wanted), `${title} is seen as ${box}, not as ${wanted}`);
      assert.ok(isInside, `${title} reaches beyond the window`);
      assert.ok(placeholder > 8, `${title} has a placeholder`);
    }
    for (const { isSeen, loading, priority, title } of shown)
      assert.deepEqual([loading, priority], isSeen ? ['eager', 'high'] : ['lazy', 'auto'], title);
    assert.ok(shown.some(({ isSeen }) => isSeen));
    assert.ok(shown.length < ROUNDS * 4, 'what is far from the window is not on the page');
    assert.deepEqual(await shifts(page), []);
    assert.equal(await overflow(page), 0);
    assert.deepEqual(await findings(page), []);
    assert.deepEqual(complaints, []);
  });

  for (const [shape, id] of Object.entries(SHAPES).map(([name]) => [name, () => ids.get(name)] as const)) {
    test(`at ${width} px a ${shape} is whole on its own page`, async (t) => {
      const { page, complaints } = await visit(t, site, look);
      await watchShifts(page);
      await page.goto(`${site}/p/${id()?.replace('POST#', '')}`);
      await page.getByRole('article').getByRole('img').waitFor();
      await page.waitForLoadState('networkidle');
      await settle(page);
      const [only] = await photos(page);
      assert.ok(only && isAbout(only.box, only.photo), `seen as ${only?.box}, and is ${only?.photo}`);
      assert.ok(only.isInside && only.height < look.viewport.height);
      assert.deepEqual([only.loading, only.priority], ['eager', 'high']);
      assert.deepEqual(await shifts(page), []);
      assert.equal(await overflow(page), 0);
      assert.deepEqual(await findings(page), []);
      assert.deepEqual(complaints, []);
    });
  }
}

test('the photos of the first screenful are at most 300 KB', async (t) => {
  for (const look of [looks[1280], phone]) {
    const { page } = await visit(t, site, { ...look, name: 'Ada' });
    const sizes: Promise<number>[] = [];
    page.on('requestfinished', (request) => {
      if (request.url().includes('X-Amz-')) sizes.push(request.sizes().then((it) => it.responseBodySize));
    });
    await page.goto(site);
    await page.getByRole('article').first().waitFor();
    await page.waitForLoadState('networkidle');
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    t.diagnostic(`${sizes.length} photos, ${bytes} bytes at ${look.viewport.width} px`);
    assert.ok(sizes.length > 0 && bytes > 0 && bytes <= 300_000, `${bytes} bytes in ${sizes.length} photos`);
  }
});
