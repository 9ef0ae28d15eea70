/** One visit to the page over a slow line, with nothing in the browser's cache. */
import type { Browser, BrowserContextOptions, CDPSession, Page } from 'playwright-core';

/** The line that Chromium's developer tools call Slow 4G: bytes a second each way, and milliseconds of latency. */
const slow4G = {
  offline: false,
  latency: 562,
  downloadThroughput: 1.44e6 / 8,
  uploadThroughput: 0.675e6 / 8,
};
/** Milliseconds without a request after which a page has loaded. */
const quietMs = 2_000;
const patienceMs = 120_000;

export type Visit = {
  /** Milliseconds until the largest of what the window shows was painted, and until anything was. */
  largestPaintMs: number;
  firstPaintMs: number;
  layoutShift: number;
  /** Bytes over the line until the page was quiet: of photos in the window, of all photos, of scripts, of everything. */
  visiblePhotoBytes: number;
  photoBytes: number;
  scriptBytes: number;
  bytes: number;
};

/** Loads the page and waits until nothing more comes. */
export async function measureVisit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions,
): Promise<Visit> {
  const context = await browser.newContext(options);
  try {
    const { page, line } = await openPage(await context.newPage());
    await line.slow();
    await page.goto(url, { timeout: patienceMs });
    await line.untilQuiet();
    const paints = await readPaints(page);
    const visible = await photosInWindow(page);
    return {
      ...paints,
      visiblePhotoBytes: line.bytes(({ url: of }) => visible.includes(of)),
      photoBytes: line.bytes(isPhoto),
      scriptBytes: line.bytes(({ type }) => type === 'Script'),
      bytes: line.bytes(() => true),
    };
  } finally {
    await context.close();
  }
}

/** Scrolls from the first to the last post. @returns bytes over the line, and how many elements there were at the most */
export async function measureScroll(
  browser: Browser,
  url: string,
  options: BrowserContextOptions,
): Promise<{ scrolledBytes: number; mostElements: number; posts: number }> {
  const context = await browser.newContext(options);
  try {
    const { page, line } = await openPage(await context.newPage());
    await page.goto(url, { timeout: patienceMs });
    await line.untilQuiet();
    let mostElements = 0;
    const seen = new Set<string>();
    const step = Math.floor((page.viewportSize()?.height ?? 0) * 0.8);
    for (let still = 0; still < 3;) {
      const before = await page.evaluate(() => window.scrollY);
      await page.mouse.wheel(0, step);
      await page.waitForTimeout(150);
      const shown = await page.evaluate(() => ({
        at: window.scrollY,
        elements: document.querySelectorAll('*').length,
        posts: Array.from(document.querySelectorAll('article a[href^="/p/"]'), (link) =>
          link.getAttribute('href'),
        ),
      }));
      mostElements = Math.max(mostElements, shown.elements);
      for (const href of shown.posts) seen.add(String(href));
      if (shown.at === before) {
        await line.untilQuiet();
        still++;
      } else still = 0;
    }
    return { scrolledBytes: line.bytes(() => true), mostElements, posts: seen.size };
  } finally {
    await context.close();
  }
}

type Response = { url: string; type: string; bytes: number };

const isPhoto = ({ url }: Response) => new URL(url).pathname.endsWith('.webp');

async function openPage(page: Page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: false });
  await page.addInitScript(() => {
    const seen = { largest: 0, shift: 0 };
    Reflect.set(window, 'seen', seen);
    new PerformanceObserver((list) => {
      for (const { startTime } of list.getEntries()) seen.largest = startTime;
    }).observe({ type: 'largest-contentful-paint', buffered: true });
    new PerformanceObserver((list) => {
      // The types of a page do not know LayoutShift.
      for (const entry of list.getEntries()) seen.shift += Number(Reflect.get(entry, 'value'));
    }).observe({ type: 'layout-shift', buffered: true });
  });
  return { page, line: watchLine(session) };
}

/** What goes over the line: headers and bodies as they were sent, compressed. */
function watchLine(session: CDPSession) {
  const requests = new Map<string, Response>();
  const open = new Set<string>();
  let lastEvent = performance.now();
  session.on('Network.requestWillBeSent', ({ requestId, request, type = 'Other' }) => {
    if (!request.url.startsWith('http')) return;
    requests.set(requestId, { url: request.url, type, bytes: 0 });
    open.add(requestId);
    lastEvent = performance.now();
  });
  const end = (requestId: string, bytes: number) => {
    const request = requests.get(requestId);
    if (request) request.bytes = bytes;
    open.delete(requestId);
    lastEvent = performance.now();
  };
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) =>
    end(requestId, encodedDataLength),
  );
  session.on('Network.loadingFailed', ({ requestId }) => end(requestId, 0));
  return {
    slow: () => session.send('Network.emulateNetworkConditions', slow4G),
    bytes: (which: (response: Response) => boolean) =>
      [...requests.values()].filter(which).reduce((sum, { bytes }) => sum + bytes, 0),
    async untilQuiet() {
      const give = performance.now() + patienceMs;
      while (open.size > 0 || performance.now() - lastEvent < quietMs) {
        if (performance.now() > give) throw new Error(`${open.size} requests have not ended`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  };
}

async function readPaints(page: Page) {
  return page.evaluate(() => {
    // Set by the script above.
    const seen = Reflect.get(window, 'seen') as { largest: number; shift: number };
    const [first] = performance.getEntriesByName('first-contentful-paint');
    return {
      largestPaintMs: seen.largest,
      firstPaintMs: first?.startTime ?? NaN,
      layoutShift: seen.shift,
    };
  });
}

/** Addresses of the photos of which the window shows something. */
async function photosInWindow(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    Array.from(document.querySelectorAll('img'))
      .filter((image) => {
        const { top, bottom } = image.getBoundingClientRect();
        return bottom > 0 && top < window.innerHeight;
      })
      .map((image) => image.currentSrc),
  );
}
