import { after } from 'node:test';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { CHROMIUM } from './chromium-path.ts';

let launched: Promise<Browser> | undefined;
after(async () => (await launched)?.close());

/** One browser a test file; Playwright gives it an empty profile. */
function browser(): Promise<Browser> {
  launched ??= chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP postagram.test 127.0.0.1',
    ],
  });
  return launched;
}

/** A page of its own visitor, and everything that went wrong in it. */
export type Visit = { page: Page; complaints: string[] };

/**
 * A visitor with an empty browser.
 * @param site where they go
 * @param options.name signed in there as
 */
export async function visit(
  t: { after: (close: () => Promise<void>) => void },
  site: string,
  { name, ...options }: BrowserContextOptions & { name?: string } = {},
): Promise<Visit> {
  const localStorage = name === undefined ? [] : [{ name: 'postagram.name', value: name }];
  const context = await (
    await browser()
  ).newContext({
    locale: 'en-GB',
    storageState: { cookies: [], origins: [{ origin: site, localStorage }] },
    ...options,
  });
  t.after(() => context.close());
  // Far more than anything takes: a loaded machine is slow, and only a test that fails waits as long.
  context.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  context.on('weberror', (problem) => complaints.push(String(problem.error())));
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  // What the compiler wraps around functions of functions, which is not there in a page.
  await context.addInitScript({ content: 'globalThis.__name = (it) => it;' });
  await context.exposeFunction('reportViolation', (text: string) => complaints.push(text));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      // The function comes from exposeFunction, which the types of a page cannot know.
      const report = Reflect.get(window, 'reportViolation') as (text: string) => void;
      report(`CSP: ${event.violatedDirective} blocked ${event.blockedURI}`);
    });
  });
  return { page: await context.newPage(), complaints };
}
