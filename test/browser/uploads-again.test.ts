import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { findings, overflow } from './checks.ts';
import { visit } from './chromium.ts';
import { card, compose, gate, keptAre, sendPost } from './compose-page.ts';
import { apiOf, seedPost, startService } from './service.ts';

let site: string;
before(async () => {
  site = await startService();
});

const onTheirWay = (page: Page) => page.getByRole('region', { name: 'Photos on their way' });

/** From now on the page's photos leave and never arrive. @returns resolved when the first has left */
async function swallowUploads(page: Page): Promise<{ left: Promise<unknown> }> {
  const left = gate();
  await page.route(/X-Amz-Signature=/, (route) =>
    route.request().method() === 'PUT' ? left.open() : route.fallback(),
  );
  return { left: left.opened };
}

/** A post whose page went away while its photo was on its way. */
async function interrupted(page: Page, title: string) {
  const { left } = await swallowUploads(page);
  await page.goto(`${site}/new`);
  await compose(page, title, 'chelsea');
  await sendPost(page);
  await left;
  await onTheirWay(page).getByRole('link', { name: title }).waitFor();
  await keptAre(page, { drafts: 0, photos: 0, uploads: 1 });
  // Left before it is closed: what is held back would go on its way when the page closes.
  await page.goto('about:blank');
  await page.close();
}

test('a photo whose page ended on its way is on every screen, and one button sends it again', async (t) => {
  const { page, complaints } = await visit(t, site, { name: 'Ada' });
  await interrupted(page, 'Half way');

  const next = await page.context().newPage();
  for (const path of ['/', '/me', '/u/Nobody', '/new']) {
    await next.goto(site + path);
    await onTheirWay(next).getByRole('link', { name: 'Half way' }).waitFor();
    await onTheirWay(next).getByText('The photo was not sent. The page ended').waitFor();
  }
  assert.deepEqual(await findings(next), []);
  for (const width of [320, 2560]) {
    await next.setViewportSize({ width, height: 640 });
    assert.equal(await overflow(next), 0, `${width} px`);
  }
  await next.setViewportSize({ width: 1280, height: 800 });
  await onTheirWay(next).getByRole('button', { name: 'Send again' }).click();
  await keptAre(next, { drafts: 0, photos: 0, uploads: 0 });
  await onTheirWay(next).waitFor({ state: 'detached' });
  await next.goto(`${site}/me`);
  await card(next, 'Half way').getByText('Cat', { exact: true }).waitFor();
  await next.reload();
  await card(next, 'Half way').getByText('Cat', { exact: true }).waitFor();
  assert.equal(await onTheirWay(next).count(), 0);
  assert.deepEqual(complaints, []);
});

test('a crash in the middle of an upload loses no photo', async (t) => {
  const { page } = await visit(t, site, { name: 'Grace' });
  const { left } = await swallowUploads(page);
  await page.goto(`${site}/new`);
  await compose(page, 'Crashed', 'chelsea');
  await sendPost(page);
  await left;
  const crashed = page.waitForEvent('crash');
  const session = await page.context().newCDPSession(page);
  session.send('Page.crash').catch(() => undefined);
  await crashed;
  const next = await page.context().newPage();
  await next.goto(`${site}/me`);
  await onTheirWay(next).getByRole('button', { name: 'Send again' }).click();
  await card(next, 'Crashed').getByText('Cat', { exact: true }).waitFor();
});

test('a photo whose post was deleted meanwhile says so, and is let go of when one agrees', async (t) => {
  const { page } = await visit(t, site, { name: 'Emmy' });
  await page.clock.install();
  await interrupted(page, 'Taken back');
  const [post] = (await (await fetch(`${apiOf(site)}/posts?user=Emmy`)).json()) as { id: string }[];
  const address = `${apiOf(site)}/posts/${post?.id.split('#')[1]}`;
  assert.equal((await fetch(address, { method: 'DELETE', headers: { authorization: 'Emmy' } })).status, 200);

  const next = await page.context().newPage();
  await next.goto(site);
  const forgotten = next.waitForResponse('**/signedUrlPut?*');
  await onTheirWay(next).getByRole('button', { name: 'Send again' }).click();
  assert.equal((await forgotten).status(), 404);
  await onTheirWay(next).getByText('This post was deleted before its photo was sent.').waitFor();
  assert.equal(await onTheirWay(next).getByRole('button', { name: 'Send again' }).count(), 0);
  await keptAre(next, { drafts: 0, photos: 0, uploads: 1 });
  // It can be had back for some seconds: they do not pass.
  await next.clock.pauseAt(Date.now() + 10_000);
  await onTheirWay(next).getByRole('button', { name: 'Let go of the photo' }).click();
  await keptAre(next, { drafts: 0, photos: 0, uploads: 0 });
  await next.getByRole('button', { name: 'Undo' }).click();
  await keptAre(next, { drafts: 0, photos: 0, uploads: 1 });
  await next.clock.resume();
  await onTheirWay(next).getByRole('button', { name: 'Let go of the photo' }).click();
  await keptAre(next, { drafts: 0, photos: 0, uploads: 0 });
  await next.reload();
  await next.getByRole('heading', { level: 1, name: 'Everybody’s posts' }).waitFor();
  assert.equal(await onTheirWay(next).count(), 0);
});

test('a photo that one tab is sending is not offered in another, until that tab is gone', async (t) => {
  const { page } = await visit(t, site, { name: 'Edith' });
  const { left } = await swallowUploads(page);
  await page.goto(`${site}/new`);
  await compose(page, 'One at a time', 'chelsea');
  await sendPost(page);
  await left;
  await keptAre(page, { drafts: 0, photos: 0, uploads: 1 });
  const other = await page.context().newPage();
  await other.goto(`${site}/me`);
  await card(other, 'One at a time').waitFor();
  await onTheirWay(other).waitFor({ state: 'detached' });
  await page.goto('about:blank');
  await onTheirWay(other).getByRole('button', { name: 'Send again' }).waitFor();
});

test('whoever signs in after another sees nothing of what that one could not send', async (t) => {
  await seedPost(site, 'Rosalind', { title: 'Something to read' });
  const { page } = await visit(t, site, { name: 'Mary' });
  await interrupted(page, 'Mine alone');
  const next = await page.context().newPage();
  await next.goto(site);
  await onTheirWay(next).getByRole('link', { name: 'Mine alone' }).waitFor();
  await next.getByRole('button', { name: 'Log out' }).click();
  await onTheirWay(next).waitFor({ state: 'detached' });
  await next.getByLabel('Your name').fill('Rosalind');
  await next.getByLabel('Your name').press('Enter');
  await next.goto(`${site}/me`);
  await card(next, 'Something to read').waitFor();
  assert.equal(await onTheirWay(next).count(), 0);
  await keptAre(next, { drafts: 0, photos: 0, uploads: 1 });
});
