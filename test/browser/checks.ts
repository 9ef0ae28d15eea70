import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe finds, as `rule: element`. */
export async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => {
    // Set by the script above.
    const { run } = Reflect.get(window, 'axe') as typeof axe;
    return run(document, { resultTypes: ['violations'] });
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

/** CSS pixels by which the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
}

/** Elements that reach beyond the right edge of the window, by their classes. */
export function outside(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('main *, header *')]
      .filter((element) => !element.closest('svg, .unseen'))
      .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 0.5)
      .map(({ tagName, className }) => `${tagName} ${className}`),
  );
}

/** Fonts and visible photos are there, movements are over. */
export async function settle(page: Page) {
  await page.evaluate(async () => {
    await document.fonts.ready;
    const visible = [...document.images].filter(
      (image) => image.getBoundingClientRect().top < window.innerHeight,
    );
    await Promise.all(visible.map((image) => image.decode()));
    const finite = document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.all(finite.map((animation) => animation.finished));
  });
}

/** Notes what moves on the pages that are opened from now on without the visitor having done anything. */
export async function watchShifts(page: Page) {
  await page.addInitScript(() => {
    const moved: string[] = [];
    Reflect.set(window, 'moved', moved);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        // The types of a page do not know these entries yet.
        if (Reflect.get(entry, 'hadRecentInput')) continue;
        const sources = Reflect.get(entry, 'sources') as { node: Element | null }[];
        const what = sources.map(({ node }) => `${node?.nodeName} ${node?.className}`).join(', ');
        moved.push(`${Reflect.get(entry, 'value')}: ${what}`);
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

/** What has moved so far, by how much. */
export function shifts(page: Page): Promise<string[]> {
  return page.evaluate(() => Reflect.get(window, 'moved') as string[]);
}

/** The requests of a page that change something, as `METHOD /path`. */
export function changesOf(page: Page): string[] {
  const changes: string[] = [];
  page.on('request', (request) => {
    if (['PATCH', 'DELETE'].includes(request.method()))
      changes.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  return changes;
}
