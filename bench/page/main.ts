/**
 * Case page: what a visitor with a slow line waits for, in Chromium; medians of five visits to each window, as JSON on standard
 * output. The first run labels 387 photos, which takes minutes, and keeps them in `.cache/bench-page`.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { CHROMIUM } from '../../test/browser/chromium-path.ts';
import { freePort } from '../../test/support/free-port.ts';
import { ensureWebapp } from '../../webapp/build.ts';
import { root } from '../bundle.ts';
import { uploadUntilLabelled } from '../laptop.ts';
import { median } from '../measure.ts';
import { start, stop, untilHealthy } from '../processes.ts';
import { measureScroll, measureVisit, type Visit } from './measure.ts';
import { photoOf, postCount } from './photos.ts';

const visits = 5;
const user = 'bench';
const ofVisits = [
  'largestPaintMs',
  'firstPaintMs',
  'layoutShift',
  'visiblePhotoBytes',
  'photoBytes',
  'scriptBytes',
  'bytes',
] as const satisfies (keyof Visit)[];
const windows = {
  desktop: { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 },
  phone: { viewport: { width: 412, height: 823 }, deviceScaleFactor: 1.75, isMobile: true, hasTouch: true },
};

await ensureWebapp();
const data = join(root, '.cache/bench-page');
await mkdir(data, { recursive: true });
const port = await freePort();
const service = start('node', ['--import', 'tsx', 'local/start.ts'], {
  cwd: root,
  env: {
    PORT: String(port),
    HOST: '127.0.0.1',
    LOCAL_DATA_DIR: data,
    LOG_LEVEL: 'warn',
    POSTS_PER_MINUTE: '0',
    UPLOADS_PER_MINUTE: '0',
  },
});
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
try {
  const url = `http://localhost:${port}`;
  await untilHealthy(`${url}/health`, service);
  await seed(url);
  await warmUp(url);
  const numbers: Record<string, number> = {};
  for (const [name, options] of Object.entries(windows)) {
    const measured: Visit[] = [];
    for (let visit = 0; visit < visits; visit++) measured.push(await measureVisit(browser, url, options));
    const scrolled = await measureScroll(browser, url, options);
    for (const what of ofVisits) numbers[`${name} ${what}`] = median(measured.map((visit) => visit[what]));
    for (const [what, value] of Object.entries(scrolled)) numbers[`${name} ${what}`] = value;
  }
  console.log(JSON.stringify(numbers));
} finally {
  await browser.close();
  await stop(service);
}

/** Posts that an earlier run has made stay. */
async function seed(url: string) {
  const response = await fetch(`${url}/posts?user=${user}`);
  // Our own service, whose contract has its own tests.
  const { length: there } = (await response.json()) as unknown[];
  for (let index = there; index < postCount; index++)
    await uploadUntilLabelled(url, await photoOf(index), user);
}

/** The first list after a start is read from a cold disk: it would be late for its page. */
async function warmUp(url: string) {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    const page = await (await fetch(url)).text();
    if (page.includes('id="first-page"')) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error('The page never has the list');
}
