import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type ApiKeyMade, CheckIn, type Ticket } from '@usher/contract';
import type pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { adminKey, makeKey } from '../support/api-keys.js';
import { startApp, type TestApp } from '../support/app.js';
import { book, refund } from '../support/book-seats.js';
import { validate } from '../support/contract-shapes.js';
import { testPool } from '../support/database.js';
import { makeQrVideo } from '../support/qr-video.js';
import { RestCaller } from '../support/rest.js';
import { makeShow } from '../support/show.js';
import { fetchTicketsOf } from '../support/tickets.js';
import {
  waitForAnnouncement,
  deadlineMs,
  describeInBrowser,
  launchBrowser,
  findViolations,
  openVisitorPage,
} from './support.js';

describeInBrowser('the gate page', () => {
  let app: TestApp;
  let browser: Browser;
  let pool: pg.Pool;
  let buyer: RestCaller;
  let gate: ApiKeyMade;
  let showId: number;
  let tickets: Ticket[];
  let folder: string;

  beforeAll(async () => {
    app = await startApp({ demo: false, env: { ADMIN_API_KEY: adminKey } });
    pool = testPool(app.databaseUrl, 3);
    buyer = await RestCaller.begin(app.url);
    gate = await makeKey(app.url, { name: 'North', roles: ['gate'] });
    showId = await makeShow(pool, { startsAt: new Date(Date.now() + 30 * 60_000) });
    const booking = await book(pool, buyer, showId, [0, 1, 2, 3, 4]);
    tickets = await ticketsOf(booking.bookingId);
    await refund(pool, buyer, booking, [4]);
    folder = await mkdtemp(join(tmpdir(), 'usher-camera-'));
    const video = join(folder, 'ticket.y4m');
    await writeFile(video, makeQrVideo(tickets[0]!.code));
    browser = await launchBrowser([
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-video-capture=${video}`,
    ]);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await pool?.end();
    await app?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const ticketsOf = (bookingId: string): Promise<Ticket[]> => fetchTicketsOf(buyer, bookingId);

  const checkIn = async (code: string, at: string): Promise<CheckIn> => {
    const body = { code, gate: at };
    const answer = await buyer.call('POST', '/v1/tickets/check-ins', body, { 'x-api-key': gate.key });
    return validate(CheckIn, answer.body);
  };

  /** Opens the gate page and fills in its settings. */
  async function openGate(options: Parameters<typeof openVisitorPage>[2] = {}): Promise<Page> {
    const page = await openVisitorPage(browser, app, options);
    await page.goto('/gate');
    await page.getByLabel('Gate key').fill(gate.key);
    await page.getByLabel('Show number').fill(String(showId));
    await page.getByLabel('Gate name').fill('East');
    await page.keyboard.press('Enter');
    await page.getByText(/of \d tickets? admitted, list from/).waitFor();
    return page;
  }

  const waitForAnswer = (page: Page, text: RegExp) =>
    page.getByRole('region', { name: 'Answer' }).filter({ hasText: text }).waitFor();

  /** Enters a code, as a scanner that acts as a keyboard would. */
  async function scanCode(page: Page, code: string): Promise<void> {
    await page.keyboard.insertText(code);
    await page.keyboard.press('Enter');
  }

  it('reads a ticket with the camera and admits it, and then shows when and where it was used', async () => {
    const page = await openGate();
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await waitForAnswer(page, /Come in.*Seat A1/s);
    await waitForAnnouncement(page, 'assertive', /^Come in\. Seat A1/);
    await page.getByRole('button', { name: 'Next' }).click();
    await waitForAnswer(page, /Already used.*Seat A1: admitted at \d\d:\d\d at East/s);
    expect(await findViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Stop the camera' }).click();
    expect(page.url()).toBe(`${app.url}/gate`);
    await page.context().close();
  });

  it('accepts typed codes even if another element has the focus, and shows a different answer for each result', async () => {
    const page = await openGate({ viewport: { width: 320, height: 640 } });
    expect(await findViolations(page)).toEqual([]);
    await scanCode(page, 'an invented code');
    await waitForAnswer(page, /Not a ticket/);
    await waitForAnnouncement(page, 'assertive', /^Not a ticket/);
    // The focus is on a button. A scanner does not know that, and types its code.
    await page.getByRole('button', { name: 'Settings' }).focus();
    await page.keyboard.press('e');
    await page.keyboard.press('Backspace');
    await scanCode(page, tickets[4]!.code);
    await waitForAnswer(page, /Refunded.*Seat A5 was refunded/s);
    const otherShow = await makeShow(pool, { startsAt: new Date(Date.now() + 30 * 60_000) });
    const [other] = await ticketsOf((await book(pool, buyer, otherShow, [7])).bookingId);
    await scanCode(page, other!.code);
    await waitForAnswer(page, /Wrong show/);
    expect(await page.locator('html').evaluate((html) => html.scrollWidth)).toBe(320);
    // The device keeps its settings, and the user can delete the key.
    await page.reload();
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Delete the key' }).click();
    expect(await page.getByLabel('Gate key').inputValue()).toBe('');
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain(gate.key);
    await page.context().close();
  });

  it('accepts codes that end with the Tab key or with no key, and codes that were typed in a wrong keyboard layout', async () => {
    const page = await openGate();
    const otherShow = await makeShow(pool, { startsAt: new Date(Date.now() + 30 * 60_000) });
    const [tabbed, bare, german] = await ticketsOf((await book(pool, buyer, otherShow, [0, 1, 2])).bookingId);
    const field = page.getByLabel('Ticket code or number');
    // The tickets belong to another show, so each readable code has the same answer.
    for (const scan of [
      async () => {
        await page.keyboard.insertText(tabbed!.code);
        await page.keyboard.press('Tab');
      },
      async () => page.keyboard.type(bare!.code),
      async () => page.keyboard.insertText(bare!.code),
    ]) {
      await scanCode(page, 'nonsense');
      await waitForAnswer(page, /Not a ticket/);
      await scan();
      await waitForAnswer(page, /Wrong show/);
      expect(await field.inputValue()).toBe('');
      expect(await field.evaluate((input) => input === input.ownerDocument.activeElement)).toBe(true);
    }
    const typed: Record<string, string> = { y: 'z', z: 'y', Y: 'Z', Z: 'Y', '-': 'ß', _: '?' };
    await scanCode(page, Array.from(german!.code, (character) => typed[character] ?? character).join(''));
    await waitForAnswer(page, /Wrong show.*another keyboard layout/s);
    await page.context().close();
  });

  it('clears the last answer when the next code begins', async () => {
    const page = await openGate();
    await scanCode(page, 'nonsense');
    await waitForAnswer(page, /Not a ticket/);
    await page.keyboard.press('e');
    await waitForAnswer(page, /Ready/);
    // If a code was typed slowly by hand, Tab moves the focus and does not check the code.
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Check' }).and(page.locator(':focus')).waitFor();
    expect(await page.getByRole('region', { name: 'Answer' }).textContent()).toMatch(/^Ready/);
    await page.context().close();
  });

  it('works without the network, even after a reload, and reports its admissions when the network is back', async () => {
    const page = await openGate();
    // Waits until the service worker has cached the page for offline use.
    await page.evaluate('navigator.serviceWorker.ready.then(() => null)');
    await page.waitForFunction(
      `caches.open('usher-gate').then((kept) => kept.keys()).then(({ length }) => length > 2)`,
    );
    await page.context().setOffline(true);
    await scanCode(page, tickets[1]!.code);
    await waitForAnswer(page, /Come in.*Seat A2. Checked offline/s);
    await page.getByText('No network').waitFor();
    await page.reload();
    await page.locator('[data-waiting="1"]').waitFor();
    await scanCode(page, tickets[1]!.code);
    await waitForAnswer(page, /Already used.*at East/s);
    const [header, payload] = tickets[2]!.code.split('.');
    await scanCode(page, `${header}.${payload}.${'A'.repeat(86)}`);
    await waitForAnswer(page, /Not a ticket/);
    await scanCode(page, tickets[2]!.code);
    await waitForAnswer(page, /Come in.*Seat A3/s);
    // In the meantime, a gate that is online admits the same ticket.
    expect((await checkIn(tickets[2]!.code, 'West')).result).toBe('admitted');
    await page.context().setOffline(false);
    await page.getByRole('heading', { name: '1 ticket admitted by mistake' }).waitFor();
    await page.getByText(/Seat A3.*was already used, at \d\d:\d\d at West/).waitFor();
    await page.locator('[data-waiting="0"][data-online="true"]').waitFor();
    expect(await checkIn(tickets[1]!.code, 'West')).toMatchObject({ result: 'used', gate: 'East' });
    expect(await findViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await page.getByRole('heading', { name: /by mistake/ }).waitFor({ state: 'detached', timeout: deadlineMs });
    await page.context().close();
  });
});
