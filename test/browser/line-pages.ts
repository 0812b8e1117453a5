import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { createUsher, type ShowStore, type Usher } from '@usher/client';
import type pg from 'pg';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { adminKey } from '../support/api-keys.js';
import type { TestApp } from '../support/app.js';
import { testPool } from '../support/database.js';
import { setUpSite } from './support.js';

/** The folder for screenshots that people can look at. If it is not set, the tests take no screenshots. */
const screenshotFolder = process.env.PICTURES_TO;

/** The color schemes and screen sizes that the pages are tested with. */
export const looks = [
  { name: 'light-desktop', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { name: 'dark-telephone', colorScheme: 'dark', viewport: { width: 320, height: 740 } },
] as const;

/** Expects that the page does not scroll sideways, and takes a screenshot. */
export async function checkScreen(page: Page, name: string): Promise<void> {
  expect(await page.locator('html').evaluate((html) => html.scrollWidth)).toBe(page.viewportSize()?.width);
  if (screenshotFolder !== undefined)
    await page.screenshot({ path: `${screenshotFolder}/${name}.png`, fullPage: true });
}

/** Waits until the page has a heading with this name. */
export const waitForHeading = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('heading', { name }).waitFor();

/** Leaves the line and confirms this choice. */
export async function leaveLine(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Leave the line' }).click();
  await page.getByRole('button', { name: 'Yes, leave the line' }).click();
}

/** The service, the browser and the visitors of a test file about lines. */
export interface LinePages {
  readonly app: TestApp;
  readonly pool: pg.Pool;
  /** Opens a page for a new visitor. */
  openPage(options?: BrowserContextOptions): Promise<Page>;
  /** Opens a show for another visitor, who uses the SDK without a browser. */
  openStore(showId: number): Promise<ShowStore>;
}

/**
 * Starts the service and a browser before the tests of a file. Closes all pages and clients after each test.
 *
 * @param options.demo true to load the demo catalog
 */
export function useLinePages({ demo }: { demo: boolean }): LinePages {
  const site = setUpSite({ demo, env: { HOLD_SECONDS: '30', ADMIN_API_KEY: adminKey } });
  let pool: pg.Pool;
  const pages: Page[] = [];
  const ushers: Usher[] = [];

  beforeAll(() => {
    pool = testPool(site.app.databaseUrl, 2);
  });

  afterEach(async () => {
    for (const usher of ushers.splice(0)) usher.close();
    await Promise.all(pages.splice(0).map((page) => page.context().close()));
  });

  afterAll(() => pool?.end());

  return {
    get app() {
      return site.app;
    },
    get pool() {
      return pool;
    },
    async openPage(options = {}) {
      const page = await site.openPage(options);
      pages.push(page);
      return page;
    },
    async openStore(showId) {
      const usher = createUsher({ url: site.app.url });
      ushers.push(usher);
      const show = usher.openShow(showId);
      await show.ready;
      return show;
    },
  };
}
