import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type pg from 'pg';
import { adminKey } from '../support/api-keys.js';
import { startApp, type TestApp } from '../support/app.js';
import { testPool } from '../support/database.js';
import { RestCaller } from '../support/rest.js';
import { makeShow, type ShowOptions } from '../support/show.js';
import {
  waitForAnnouncement,
  chooseSeats,
  describeInBrowser,
  holdButton,
  launchBrowser,
  openShow,
  waitForSeatStatus,
  openVisitorPage,
} from './support.js';

describeInBrowser('the page of a show that changes', () => {
  let app: TestApp;
  let browser: Browser;
  let pool: pg.Pool;
  let admin: RestCaller;

  beforeAll(async () => {
    [app, browser] = await Promise.all([startApp({ demo: false, env: { ADMIN_API_KEY: adminKey } }), launchBrowser()]);
    pool = testPool(app.databaseUrl);
    admin = await RestCaller.begin(app.url);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await pool?.end();
    await app?.close();
  });

  const changeShow = async (showId: number, body: object): Promise<void> => {
    const path = `/v1/admin/shows/${showId}`;
    expect((await admin.call('PATCH', path, body, { 'x-api-key': adminKey })).status).toBe(200);
  };

  async function openNewShow(options: ShowOptions = {}): Promise<{ showId: number; page: Page }> {
    const [showId, page] = [await makeShow(pool, options), await openVisitorPage(browser, app)];
    await openShow(page, showId);
    return { showId, page };
  }

  it('shows a new price at once, and holds seats only at a price that the buyer has seen', async () => {
    const { showId, page } = await openNewShow();
    await chooseSeats(page, [0, 1]);
    const total = page.locator('.total strong');
    expect(await total.textContent()).toBe('€25.00');
    await changeShow(showId, { prices: { standard: 4444 }, reason: 'Inflation' });
    await page.getByRole('region', { name: 'The show has changed' }).getByText('Reason: Inflation').waitFor();
    await waitForAnnouncement(page, 'polite', /prices have changed/);
    await page.locator('.total strong', { hasText: '€88.88' }).waitFor();

    await holdButton(page).click();
    const notice = page.getByRole('region', { name: 'Refused' });
    await notice.getByText('Your seats now cost €88.88 instead of €25.00.').waitFor();
    expect(await page.locator('[data-status="mine"]').count()).toBe(0);
    await holdButton(page).click();
    await Promise.all([0, 1].map((seat) => waitForSeatStatus(page, seat, 'mine')));
  });

  it('replaces "Live" with "Called off", shows the reason, and disables the hold button', async () => {
    const { showId, page } = await openNewShow();
    await chooseSeats(page, [0]);
    const path = `/v1/admin/shows/${showId}/call-off`;
    await admin.call('POST', path, { reason: 'The projector is broken' }, { 'x-api-key': adminKey });
    await page.locator('.connection', { hasText: 'Called off' }).waitFor();
    await waitForAnnouncement(page, 'polite', /called off.*The projector is broken/);
    await page.getByText('This show was called off. Reason: The projector is broken').waitFor();
    expect(await holdButton(page).getAttribute('aria-disabled')).toBe('true');
  });

  it('opens the sale at the right time, even if that time was changed', async () => {
    const { showId, page } = await openNewShow({ saleOpensAt: new Date(Date.now() + 3_600_000) });
    await page.getByText(/The sale of this show starts on/).waitFor();
    await chooseSeats(page, [0]);
    expect(await holdButton(page).getAttribute('aria-disabled')).toBe('true');
    await changeShow(showId, { saleOpensAt: new Date(Date.now() + 1000).toISOString() });
    await page.locator('button[aria-disabled="false"]', { hasText: 'Hold seats' }).waitFor();
    await holdButton(page).click();
    await waitForSeatStatus(page, 0, 'mine');
  });

  it('shows a change that happened while it had no connection', async () => {
    const { showId, page } = await openNewShow();
    await page.context().setOffline(true);
    await page.locator('.connection', { hasText: 'Reconnecting' }).waitFor();
    const startsAt = new Date(Date.now() + 14 * 24 * 3_600_000).toISOString();
    await changeShow(showId, { startsAt });
    await page.context().setOffline(false);
    const notice = page.getByRole('region', { name: 'The show has changed' });
    await notice.waitFor();
    expect(await notice.textContent()).toMatch(/The show has moved. It now starts on .* instead of /);
  });
});
