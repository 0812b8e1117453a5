import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ApiKeyMade, CheckIn, Ticket } from '@usher/contract';
import type pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { adminKey, makeKey } from '../support/api-keys.js';
import { startApp, type TestApp } from '../support/app.js';
import { book, refund } from '../support/book-seats.js';
import { testPool } from '../support/database.js';
import { makeQrVideo } from '../support/qr-video.js';
import { RestCaller } from '../support/rest.js';
import { makeShow } from '../support/show.js';
import { announced, deadlineMs, describeInBrowser, launch, violations, visitor } from './support.js';

describeInBrowser('the gate', () => {
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
    browser = await launch([
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

  async function ticketsOf(bookingId: string): Promise<Ticket[]> {
    return (await buyer.call('GET', `/v1/bookings/${bookingId}/tickets`)).body.items as Ticket[];
  }

  const checkIn = async (code: string, at: string): Promise<CheckIn> => {
    const body = { code, gate: at };
    const answer = await buyer.call('POST', '/v1/tickets/check-ins', body, { 'x-api-key': gate.key });
    return answer.body as unknown as CheckIn;
  };

  /** A device at the door, set up by hand once. */
  async function openGate(options: Parameters<typeof visitor>[2] = {}): Promise<Page> {
    const page = await visitor(browser, app, options);
    await page.goto('/gate');
    await page.getByLabel('Gate key').fill(gate.key);
    await page.getByLabel('Show number').fill(String(showId));
    await page.getByLabel('Gate name').fill('East');
    await page.keyboard.press('Enter');
    await page.getByText(/of \d tickets? admitted, list from/).waitFor();
    return page;
  }

  const answer = (page: Page, text: RegExp) =>
    page.getByRole('region', { name: 'Answer' }).filter({ hasText: text }).waitFor();

  /** As a scanner does that acts as a keyboard. */
  async function type(page: Page, code: string): Promise<void> {
    await page.keyboard.insertText(code);
    await page.keyboard.press('Enter');
  }

  it('reads a ticket with the camera and lets it in, and the second time says when and where it was used', async () => {
    const page = await openGate();
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await answer(page, /Come in.*Seat A1/s);
    await announced(page, 'assertive', /^Come in\. Seat A1/);
    await page.getByRole('button', { name: 'Next' }).click();
    await answer(page, /Already used.*Seat A1: admitted at \d\d:\d\d at East/s);
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Stop the camera' }).click();
    expect(page.url()).toBe(`${app.url}/gate`);
    await page.context().close();
  });

  it('takes typed codes, with the focus anywhere, and tells each answer from the others', async () => {
    const page = await openGate({ viewport: { width: 320, height: 640 } });
    expect(await violations(page)).toEqual([]);
    await type(page, 'a code that somebody made up');
    await answer(page, /Not a ticket/);
    await announced(page, 'assertive', /^Not a ticket/);
    // The key before is on a button now; a scanner does not know, and types.
    await page.getByRole('button', { name: 'Settings' }).focus();
    await page.keyboard.press('e');
    await page.keyboard.press('Backspace');
    await type(page, tickets[4]!.code);
    await answer(page, /Refunded.*Seat A5 was refunded/s);
    const elsewhere = await makeShow(pool, { startsAt: new Date(Date.now() + 30 * 60_000) });
    const [other] = await ticketsOf((await book(pool, buyer, elsewhere, [7])).bookingId);
    await type(page, other!.code);
    await answer(page, /Wrong show/);
    expect(await page.locator('html').evaluate((html) => html.scrollWidth)).toBe(320);
    // What was set stays with the device, and can be taken from it.
    await page.reload();
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Delete the key' }).click();
    expect(await page.getByLabel('Gate key').inputValue()).toBe('');
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain(gate.key);
    await page.context().close();
  });

  it('takes codes of a scanner that ends them with Tab or nothing, or types with a wrong keyboard layout', async () => {
    const page = await openGate();
    const mine = await makeShow(pool, { startsAt: new Date(Date.now() + 30 * 60_000) });
    const [tabbed, bare, german] = await ticketsOf((await book(pool, buyer, mine, [0, 1, 2])).bookingId);
    const field = page.getByLabel('Ticket code or number');
    // The gate serves another show, so the answer to each good code is the same.
    for (const scan of [
      async () => {
        await page.keyboard.type(tabbed!.code);
        await page.keyboard.press('Tab');
      },
      async () => page.keyboard.type(bare!.code),
      async () => page.keyboard.insertText(bare!.code),
    ]) {
      await type(page, 'nonsense');
      await answer(page, /Not a ticket/);
      await scan();
      await answer(page, /Wrong show/);
      expect(await field.inputValue()).toBe('');
      expect(await field.evaluate((input) => input === input.ownerDocument.activeElement)).toBe(true);
    }
    const typed: Record<string, string> = { y: 'z', z: 'y', Y: 'Z', Z: 'Y', '-': 'ß', _: '?' };
    await page.keyboard.type(Array.from(german!.code, (one) => typed[one] ?? one).join(''));
    await page.keyboard.press('Enter');
    await answer(page, /Wrong show.*another keyboard layout/s);
    await page.context().close();
  });

  it('shows the answer to the code before only until the next code begins', async () => {
    const page = await openGate();
    await type(page, 'nonsense');
    await answer(page, /Not a ticket/);
    await page.keyboard.press('e');
    await answer(page, /Ready/);
    // After a code that was typed by hand, Tab moves the focus and checks nothing.
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Check' }).and(page.locator(':focus')).waitFor();
    expect(await page.getByRole('region', { name: 'Answer' }).textContent()).toMatch(/^Ready/);
    await page.context().close();
  });

  it('goes on without the network, also after a reload, and hands in afterwards whom it let in', async () => {
    const page = await openGate();
    // The page is kept for the time without the network.
    await page.evaluate('navigator.serviceWorker.ready.then(() => null)');
    await page.waitForFunction(
      `caches.open('usher-gate').then((kept) => kept.keys()).then(({ length }) => length > 2)`,
    );
    await page.context().setOffline(true);
    await type(page, tickets[1]!.code);
    await answer(page, /Come in.*Seat A2. Checked offline/s);
    await page.getByText('No network').waitFor();
    await page.reload();
    await page.locator('[data-waiting="1"]').waitFor();
    await type(page, tickets[1]!.code);
    await answer(page, /Already used.*at East/s);
    const [header, payload] = tickets[2]!.code.split('.');
    await type(page, `${header}.${payload}.${'A'.repeat(86)}`);
    await answer(page, /Not a ticket/);
    await type(page, tickets[2]!.code);
    await answer(page, /Come in.*Seat A3/s);
    // Meanwhile its twin came in at another gate that had the network.
    expect((await checkIn(tickets[2]!.code, 'West')).result).toBe('admitted');
    await page.context().setOffline(false);
    await page.getByRole('heading', { name: '1 ticket admitted by mistake' }).waitFor();
    await page.getByText(/Seat A3.*was already used, at \d\d:\d\d at West/).waitFor();
    await page.locator('[data-waiting="0"][data-online="true"]').waitFor();
    expect(await checkIn(tickets[1]!.code, 'West')).toMatchObject({ result: 'used', gate: 'East' });
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await page.getByRole('heading', { name: /by mistake/ }).waitFor({ state: 'detached', timeout: deadlineMs });
    await page.context().close();
  });
});
