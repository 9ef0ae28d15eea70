import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { visit } from './chromium.ts';
import { photoFile, startService } from './service.ts';

let site: string;
before(async () => {
  site = await startService();
});

test('all of the drop zone opens the chooser', async (t) => {
  const { page, complaints } = await visit(t, site, { name: 'Ada' });
  await page.goto(`${site}/new`);
  const zone = page.locator('.spot-empty');
  const { width, height } = (await zone.boundingBox()) ?? { width: 0, height: 0 };
  const middle = { x: width / 2, y: height / 2 };
  for (const position of [{ x: 12, y: 12 }, middle, { x: width - 12, y: height - 12 }]) {
    const chooser = page.waitForEvent('filechooser');
    await zone.click({ position });
    await chooser;
  }
  assert.deepEqual(complaints, []);
});

test('a photo dropped beside the zone is taken all the same, and never opened in the page’s place', async (t) => {
  const { page, complaints } = await visit(t, site, { name: 'Ada' });
  await page.goto(`${site}/new`);
  await page.getByLabel('Message').fill('Still here.');
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [photoFile('coffee')], dragOperationsMask: 1 };
  const at = { x: 20, y: 700, data };
  await session.send('Input.dispatchDragEvent', { type: 'dragEnter', ...at });
  await session.send('Input.dispatchDragEvent', { type: 'dragOver', ...at });
  await page.getByText('Let go to add it').waitFor();
  await session.send('Input.dispatchDragEvent', { type: 'drop', ...at });
  await page.getByText('600 × 400 px').waitFor();
  assert.equal(page.url(), `${site}/new`);
  assert.equal(await page.getByLabel('Message').inputValue(), 'Still here.');

  const words = await page.evaluate(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.setData('text/plain', 'Dear diary');
    const over = new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true });
    return document.querySelector('textarea')?.dispatchEvent(over);
  });
  assert.equal(words, true, 'dragged words are left to the field they are dropped on');
  assert.deepEqual(complaints, []);
});
