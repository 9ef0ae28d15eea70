import type { Page } from 'playwright-core';
import { photoFile } from './service.ts';

export const card = (page: Page, title: string) => page.getByRole('article', { name: title, exact: true });

/** Fills in the form of a new post, without sending it. */
export async function compose(page: Page, title: string, photo?: string) {
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Message').fill('Typed once, never again.');
  if (photo === undefined) return;
  await page.getByLabel('choose a file').setInputFiles(photoFile(photo));
  await page.getByRole('img', { name: 'Preview of your photo' }).waitFor();
}

export const sendPost = (page: Page) => page.getByRole('button', { name: 'Send', exact: true }).click();

/** How many records this browser keeps, once they are as many. */
export function keptAre(page: Page, kept: { drafts: number; photos: number; uploads: number }) {
  return page.waitForFunction(async (wanted) => {
    const database = await new Promise<IDBDatabase | undefined>((resolve) => {
      const request = indexedDB.open('postagram', 1);
      // To make it is the page's affair.
      request.addEventListener('upgradeneeded', () => request.transaction?.abort());
      request.addEventListener('success', () => resolve(request.result));
      request.addEventListener('error', () => resolve(undefined));
    });
    if (!database) return false;
    const names = ['drafts', 'photos', 'uploads'] as const;
    const transaction = database.transaction(names, 'readonly');
    const counts = names.map((name) => transaction.objectStore(name).count());
    await new Promise((done) => transaction.addEventListener('complete', done));
    database.close();
    return names.every((name, index) => counts[index]?.result === wanted[name]);
  }, kept);
}

/** Drops files on the page as a hand does, at its left edge. */
export async function drop(page: Page, files: readonly string[]) {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: files.map(photoFile), dragOperationsMask: 1 };
  const at = { x: 8, y: 300, data };
  await session.send('Input.dispatchDragEvent', { type: 'dragEnter', ...at });
  await session.send('Input.dispatchDragEvent', { type: 'dragOver', ...at });
  await session.send('Input.dispatchDragEvent', { type: 'drop', ...at });
  await session.detach();
}

/** A promise, and what keeps it. */
export function gate() {
  const bell = new EventTarget();
  const opened = new Promise((resolve) => {
    bell.addEventListener('open', resolve);
  });
  return { opened, open: () => void bell.dispatchEvent(new Event('open')) };
}
