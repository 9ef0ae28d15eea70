import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { before, test } from 'node:test';
import sharp from 'sharp';
import type { Page } from 'playwright-core';
import { type Visit, visit } from './chromium.ts';
import { phonePhoto } from './phone-photo.ts';
import { photoFile, seedPost, startService } from './service.ts';

let site: string;
before(async () => {
  site = await startService();
});

const card = (page: Page, title: string) => page.getByRole('article', { name: title, exact: true });

async function write(
  page: Page,
  title: string,
  photo?: string | { name: string; mimeType: string; buffer: Buffer },
) {
  await page.goto(`${site}/new`);
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Message').fill('A few lines about it.');
  if (photo !== undefined) {
    await page.getByLabel('choose a file').setInputFiles(photo);
    await page.getByRole('img', { name: 'Preview of your photo' }).waitFor();
  }
  await page.getByRole('button', { name: 'Send' }).click();
}

const coffee = (format: 'webp' | 'gif') => sharp(photoFile('coffee')).toFormat(format).toBuffer();

function assertQuiet({ complaints }: Visit) {
  assert.deepEqual(complaints, []);
}

test('a name is kept over reloads until one logs out', async (t) => {
  const visitor = await visit(t, site);
  const { page } = visitor;
  await page.goto(site);
  await page.getByLabel('Your name').fill('no/slash');
  await page.getByRole('button', { name: 'Start posting' }).click();
  await page.getByText('A name cannot contain').waitFor();
  await page.getByLabel('Your name').fill('  Łukasz ');
  await page.getByRole('button', { name: 'Start posting' }).click();
  await page.getByRole('link', { name: 'My page: Łukasz' }).waitFor();
  await page.reload();
  await page.getByRole('link', { name: 'My page: Łukasz' }).waitFor();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByLabel('Your name').waitFor();
  await page.reload();
  await page.getByLabel('Your name').waitFor();
  assertQuiet(visitor);
});

test('a photo is posted with progress, is labelled by itself, and a second visitor sees it without reloading', async (t) => {
  const author = await visit(t, site, { name: 'Łukasz' });
  const reader = await visit(t, site, { name: 'Ada' });
  await reader.page.goto(site);
  await reader.page.getByRole('heading', { level: 1 }).waitFor();
  const session = await author.page.context().newCDPSession(author.page);
  // Slow enough to be seen: the photo below has some 500 KB once prepared.
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: 250_000,
  });
  await author.page.addInitScript(() => {
    const seen: number[] = [];
    Reflect.set(window, 'progressSeen', seen);
    new MutationObserver(() => {
      const bar = document.querySelector('progress');
      if (bar && bar.value !== seen.at(-1)) seen.push(bar.value);
    }).observe(document, { subtree: true, childList: true, attributes: true });
  });
  await write(author.page, 'A cat', await phonePhoto());

  await card(author.page, 'A cat').getByRole('progressbar', { name: 'Photo upload' }).waitFor();
  await card(author.page, 'A cat').getByText('Cat', { exact: true }).waitFor();
  const progress = await author.page.evaluate(() => Reflect.get(window, 'progressSeen') as number[]);
  assert.ok(
    progress.filter((share) => share > 0 && share < 1).length >= 2,
    `progress was seen as ${progress}`,
  );
  assert.deepEqual(
    progress.toSorted((a, b) => a - b),
    progress,
  );

  await card(reader.page, 'A cat').getByText('Cat', { exact: true }).waitFor();
  const image = card(reader.page, 'A cat').getByRole('img', { name: /^A cat\. In the photo: .*Cat/ });
  const source = (await image.getAttribute('src')) ?? '';
  const shown = await sharp(Buffer.from(await (await fetch(source)).arrayBuffer())).metadata();
  assert.deepEqual(
    { format: shown.format, width: shown.width, height: shown.height },
    { format: 'webp', width: 2048, height: 1365 },
  );
  assert.equal(shown.exif, undefined);
  assert.equal(shown.orientation, undefined);
  assertQuiet(author);
  assertQuiet(reader);
});

test('a post is deleted for everybody once it can no longer be had back', async (t) => {
  await seedPost(site, 'Grace', { title: 'Short-lived', photo: 'coffee' });
  const author = await visit(t, site, { name: 'Grace' });
  const reader = await visit(t, site);
  await author.page.clock.install();
  await author.page.goto(`${site}/me`);
  await reader.page.goto(site);
  await card(reader.page, 'Short-lived').waitFor();
  assert.equal(await reader.page.getByRole('button', { name: 'Delete' }).count(), 0);

  await author.page.getByRole('button', { name: 'Delete “Short-lived”' }).click();
  await author.page.getByText('“Short-lived” was deleted.').waitFor();
  await card(author.page, 'Short-lived').waitFor({ state: 'detached' });
  await author.page.clock.fastForward(6_000);
  await card(reader.page, 'Short-lived').waitFor({ state: 'detached' });
  assertQuiet(author);
  assertQuiet(reader);
});

test('a post leaves the page at once, and is put back when the server refuses to delete it', async (t) => {
  await seedPost(site, 'Grace', { title: 'Sturdy' });
  const { page } = await visit(t, site, { name: 'Grace' });
  const gate = new EventEmitter();
  const refused = once(gate, 'open');
  await page.route('**/posts/*', async (route) => {
    if (route.request().method() !== 'DELETE') return route.fallback();
    await refused;
    return route.fulfill({ status: 500, contentType: 'application/problem+json', body: '{"detail":"no"}' });
  });
  await page.clock.install();
  await page.goto(`${site}/me`);
  await page.getByRole('button', { name: 'Delete “Sturdy”' }).click();
  await card(page, 'Sturdy').waitFor({ state: 'detached' });
  await page.clock.fastForward(6_000);
  gate.emit('open');
  await page.getByText('“Sturdy” could not be deleted, so it is back.').waitFor();
  await card(page, 'Sturdy').waitFor();
});

test('a photo that cannot be read says why, and its author chooses another', async (t) => {
  await seedPost(site, 'Edith', { title: 'Second try', photo: Buffer.from('not a photo') });
  const visitor = await visit(t, site, { name: 'Edith' });
  const post = card(visitor.page, 'Second try');
  await visitor.page.goto(`${site}/me`);
  await post.getByText('This photo could not be read.').waitFor();
  await post.getByLabel('Another photo').setInputFiles(photoFile('coffee'));
  await post.getByText('Cup', { exact: true }).waitFor();
  assert.equal(await post.getByText('This photo could not be read.').count(), 0);
  assertQuiet(visitor);
});

test('photos come by drop and by paste as well, in any format the browser reads', async (t) => {
  const visitor = await visit(t, site, { name: 'Edith' });
  const { page } = visitor;
  const hand = async (event: 'drop' | 'paste', type: string, photo: Buffer) => {
    await page.evaluate(
      async ([kind, mime, base64]) => {
        const data = new DataTransfer();
        const content = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        data.items.add(new File([content], 'photo', { type: mime }));
        const target = document.querySelector('[role=group][aria-label=Photo]') ?? document;
        target.dispatchEvent(
          kind === 'drop'
            ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
            : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
        );
      },
      [event, type, photo.toString('base64')] as const,
    );
  };
  await page.goto(`${site}/new`);
  await page.getByText('Drop a photo here').waitFor();
  await hand('drop', 'image/webp', await coffee('webp'));
  await page.getByText('600 × 400 px').waitFor();
  await page.getByRole('button', { name: 'Remove photo' }).click();
  await hand('paste', 'image/gif', await coffee('gif'));
  await page.getByText('600 × 400 px').waitFor();

  await hand('drop', 'text/plain', Buffer.from('Dear diary'));
  await page.getByText('That is not a photo.').waitFor();
  await hand('paste', 'image/png', Buffer.from('no picture'));
  await page.getByText('This browser cannot open that photo.').waitFor();
  await hand('paste', 'image/png', await sharp(photoFile('coffee')).resize(60).png().toBuffer());
  await page.getByText('That photo is too small').waitFor();
  assert.ok(await page.getByText('600 × 400 px').isVisible(), 'the good photo stays');
  assertQuiet(visitor);
});

test('a post without title or text is not sent, and says so', async (t) => {
  const visitor = await visit(t, site, { name: 'Edith' });
  await write(visitor.page, ' ');
  await visitor.page.getByText('A title, please.').waitFor();
  assert.equal(await visitor.page.getByLabel('Title').getAttribute('aria-invalid'), 'true');
  assert.ok(await visitor.page.getByLabel('Title').evaluate((input) => input === document.activeElement));
  assertQuiet(visitor);
});

test('names with any characters have a page of their own', async (t) => {
  const visitor = await visit(t, site, { name: 'Ada' });
  for (const name of ['Łukasz Ó', '100%?&+c', '写真']) {
    await seedPost(site, name, { title: `From ${name}` });
    await visitor.page.goto(site);
    await card(visitor.page, `From ${name}`).getByRole('link', { name, exact: true }).click();
    await visitor.page.getByRole('heading', { level: 1, name: `Posts by ${name}` }).waitFor();
    await card(visitor.page, `From ${name}`).waitFor();
    await visitor.page.reload();
    await card(visitor.page, `From ${name}`).waitFor();
  }
  assertQuiet(visitor);
});

test('the page speaks the reader’s language, and changes it on demand', async (t) => {
  const visitor = await visit(t, site, { locale: 'fr-CA' });
  const { page } = visitor;
  await page.goto(site);
  await page.getByRole('heading', { level: 1, name: 'Les publications de tout le monde' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'fr');
  assert.match(
    (await page.locator('time').first().textContent()) ?? '',
    /nov|déc|jan|fév|mars|avr|mai|juin|juil|août|sept|oct/,
  );
  await page.getByRole('button', { name: 'EN: switch to English' }).click();
  await page.getByRole('heading', { level: 1, name: 'Everybody’s posts' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Everybody’s posts' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  assertQuiet(visitor);
});
