import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { visit } from './chromium.ts';
import { phonePhoto } from './phone-photo.ts';
import { apiOf, labelled, photoFile, seedPost } from './service.ts';
import { type BreakableService, startBreakableService } from './breakable-service.ts';

let service: BreakableService;
before(async () => {
  service = await startBreakableService();
});
after(() => service.close());

const card = (page: Page, title: string) => page.getByRole('article', { name: title, exact: true });

async function write(page: Page, title: string, photo: Parameters<Locator['setInputFiles']>[0]) {
  await page.getByRole('navigation').getByRole('link', { name: 'New post' }).click();
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Message').fill('Typed once, never again.');
  await page.getByLabel('choose a file').setInputFiles(photo);
  await page.getByRole('img', { name: 'Preview of your photo' }).waitFor();
  await page.getByRole('button', { name: 'Send' }).click();
}

test('an upload that fails because the bucket is down is sent again without retyping', async (t) => {
  const { page } = await visit(t, service.site, { name: 'Ada' });
  await page.goto(service.site);
  await service.stopBucket();
  t.after(() => service.startBucket());
  await write(page, 'Patience', photoFile('chelsea'));
  const post = card(page, 'Patience');
  await post.getByText('The photo was not sent.').waitFor();
  await post.getByText('cannot be reached').waitFor();
  await service.startBucket();
  await post.getByRole('button', { name: 'Retry' }).click();
  await post.getByText('Cat', { exact: true }).waitFor();
  assert.equal(await post.getByText('The photo was not sent.').count(), 0);
});

test('an upload is cancelled on its way, and sent again later', async (t) => {
  const { page } = await visit(t, service.site, { name: 'Ada' });
  await page.goto(service.site);
  const session = await page.context().newCDPSession(page);
  const slow = { offline: false, latency: 0, downloadThroughput: -1 };
  await session.send('Network.emulateNetworkConditions', { ...slow, uploadThroughput: 50_000 });
  await write(page, 'Second thoughts', await phonePhoto());
  const post = card(page, 'Second thoughts');
  await post.getByRole('button', { name: 'Cancel upload' }).click();
  await post.getByText('Upload cancelled.').waitFor();
  await session.send('Network.emulateNetworkConditions', { ...slow, uploadThroughput: -1 });
  await post.getByRole('button', { name: 'Retry' }).click();
  await post.getByText('Cat', { exact: true }).waitFor();
});

test('offline is said in words, loses nothing, and passes by itself', async (t) => {
  const { page } = await visit(t, service.site, { name: 'Grace' });
  await page.goto(service.site);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.getByRole('navigation').getByRole('link', { name: 'New post' }).click();
  await page.getByLabel('Title').waitFor();
  await page.context().setOffline(true);
  await page.getByText('You are offline.').waitFor();
  await page.getByLabel('Title').fill('From the tunnel');
  await page.getByLabel('Message').fill('Still here.');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('Your post was not sent. Nothing is lost').waitFor();
  assert.equal(await page.getByLabel('Title').inputValue(), 'From the tunnel');
  await page.context().setOffline(false);
  await page.getByText('You are offline.').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Send' }).click();
  await card(page, 'From the tunnel').waitFor();
});

test('a list that cannot be read says why, and is read on demand', async (t) => {
  const { page } = await visit(t, service.site, { name: 'Mary' });
  let broken = true;
  await page.route('**/posts?*', (route) =>
    broken ? route.fulfill({ status: 503, body: 'nobody home' }) : route.fallback(),
  );
  // Others come with their page.
  await page.goto(`${service.site}/me`);
  await page.getByText('The posts could not be loaded.').waitFor();
  await page.getByText('Postagram is busy.').waitFor();
  broken = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { level: 1, name: 'My posts' }).waitFor();
  await page.getByText('The posts could not be loaded.').waitFor({ state: 'detached' });
});

test('a page opened while the database is down says so, and shows the posts on demand when it is back', async (t) => {
  await seedPost(service.site, 'Emmy', { title: 'Written before' });
  await service.stopDatabase();
  t.after(() => service.startDatabase());
  const { page } = await visit(t, service.site, { name: 'Emmy' });
  await page.goto(service.site);
  const failure = page.getByRole('alert');
  await failure.getByText('The posts could not be loaded.').waitFor();
  await failure.getByText('Postagram is busy. Please try again in a moment.').waitFor();
  // The page itself is there, and says the same when it is asked too soon.
  await page.getByRole('heading', { level: 1, name: 'Everybody’s posts' }).waitFor();
  await page.getByRole('navigation').getByRole('link', { name: 'New post' }).waitFor();
  const answered = page.waitForResponse('**/posts?*');
  await failure.getByRole('button', { name: 'Try again' }).click();
  assert.equal((await answered).status(), 503);
  await failure.getByRole('button', { name: 'Try again', disabled: false }).waitFor();
  await service.startDatabase();
  await failure.getByRole('button', { name: 'Try again' }).click();
  await card(page, 'Written before').waitFor();
  assert.equal(await failure.count(), 0);
});

test('a page of the list that fails is loaded on demand, and what is there stays', async (t) => {
  for (let n = 1; n <= 25; n++) await seedPost(service.site, 'Edith', { title: `Number ${n}` });
  const { page } = await visit(t, service.site);
  let broken = true;
  await page.route('**/posts?*cursor=*', (route) => (broken ? route.abort() : route.fallback()));
  await page.goto(`${service.site}/u/Edith`);
  await page.getByRole('article').first().waitFor();
  await page.mouse.wheel(0, 20_000);
  await page.getByText('The next posts could not be loaded.').waitFor();
  // The last of the first page.
  await card(page, 'Number 6').waitFor();
  assert.equal(await card(page, 'Number 6').getAttribute('aria-posinset'), '20');
  broken = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('That was the first post of all.').scrollIntoViewIfNeeded();
  await card(page, 'Number 1').waitFor();
  assert.equal(await card(page, 'Number 1').getAttribute('aria-posinset'), '25');
});

test('a photo whose address has expired is asked for anew', async (t) => {
  await seedPost(service.site, 'Rosalind', { title: 'Old address', photo: 'coffee' });
  await labelled(service.site, 'Rosalind', 1);
  const { page } = await visit(t, service.site, { name: 'Rosalind' });
  let refused = 0;
  // As the bucket answers when a signature is too old: the first address only.
  await page.route('**/*X-Amz-Signature=stale*', (route) => {
    refused++;
    return route.fulfill({ status: 403 });
  });
  await page.route('**/posts?*', async (route) => {
    const response = await fetch(apiOf(route.request().url()));
    const text = await response.text();
    const body = text.replaceAll(/X-Amz-Signature=\w+/g, 'X-Amz-Signature=stale');
    await route.fulfill({ contentType: 'application/json', body });
  });
  // Other lists come with their page.
  await page.goto(`${service.site}/me`);
  const image = card(page, 'Old address').getByRole('img');
  await image.waitFor();
  await page.waitForFunction(
    () => (document.querySelector('article img') as HTMLImageElement | null)?.naturalWidth,
  );
  assert.ok(refused > 0);
  assert.doesNotMatch((await image.getAttribute('src')) ?? '', /stale/);
});

test('a photo that is never labelled is looked for ever less often, and no longer than five minutes', async (t) => {
  const { page } = await visit(t, service.site, { name: 'Marie' });
  let looks = 0;
  await page.route('**/*X-Amz-Signature=*', (route) =>
    // Accepted, and lost: the bucket never hears of it.
    route.fulfill({ status: 200, headers: { 'access-control-allow-origin': '*' } }),
  );
  page.on('request', (request) => {
    if (/^\/posts\/./.test(new URL(request.url()).pathname) && request.method() === 'GET') looks++;
  });
  await page.clock.install();
  await page.goto(service.site);
  await write(page, 'Lost', photoFile('chelsea'));
  await card(page, 'Lost').getByText('Reading the photo…').waitFor();
  // From here on its time is that of `looksIn` alone: on a slow machine the seconds that pass meanwhile would count, too.
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 10_000);
  await looksIn(60_000);
  const inTheFirstMinute = looks;
  const inTheNextThree = await looksIn(180_000);
  await looksIn(70_000);
  await card(page, 'Lost').getByText('No labels yet.').waitFor();
  assert.ok(inTheFirstMinute >= 8, `${inTheFirstMinute} in the first minute`);
  assert.ok(inTheNextThree <= 18, `${inTheNextThree} in the next three`);
  assert.equal(await looksIn(60_000), 0);

  /** Looks for labels while this many milliseconds pass on the page's clock. */
  async function looksIn(milliseconds: number) {
    const earlier = looks;
    for (let passed = 0; passed < milliseconds; passed += 500) {
      await page.clock.runFor(500);
      // The answer comes in real time.
      await page.evaluate(() => fetch('/health').then((response) => response.text()));
    }
    return looks - earlier;
  }
});
