import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { Browser, Locator, Page } from 'playwright-core';
import { startApp, type TestApp } from '../support/app.js';
import { testPool } from '../support/database.js';
import { TestMailbox } from '../support/mailbox.js';
import { cards } from '../support/payer.js';
import { makeShow } from '../support/show.js';
import { verifyTicketCode } from '../support/tickets.js';
import { createWalletAccounts, type WalletAccounts } from '../support/wallet-accounts.js';
import { scanQr, sharp } from './qr-codes.js';
import {
  waitForAnnouncement,
  chooseSeats,
  describeInBrowser,
  findFreeSeatsTogether,
  holdChosenSeats,
  launchBrowser,
  openShow,
  waitForSeatStatus,
  findViolations,
  openVisitorPage,
} from './support.js';

describeInBrowser('a buyer', () => {
  let accounts: WalletAccounts;
  let mailbox: TestMailbox;
  let app: TestApp;
  let browser: Browser;
  let pool: pg.Pool;
  let showId: number;

  beforeAll(async () => {
    accounts = await createWalletAccounts();
    mailbox = await TestMailbox.start();
    const env = { SANDBOX_DELAY_SECONDS: '5', SMTP_URL: mailbox.url, ...accounts.env };
    [app, browser] = await Promise.all([startApp({ demo: false, env }), launchBrowser()]);
    pool = testPool(app.databaseUrl, 1);
    const rules = { refunds: { deadlineMinutes: 60, feeAmount: 200 } };
    showId = await makeShow(pool, { rows: 6, seatsPerRow: 8, rules });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await pool?.end();
    await app?.close();
    await mailbox?.close();
    await rm(accounts.folder, { recursive: true, force: true });
  });

  /** Opens the page of a new visitor who holds seats. */
  async function openHolderPage(count: number, options: Parameters<typeof openVisitorPage>[2] = {}): Promise<Page> {
    const page = await openVisitorPage(browser, app, options);
    await openShow(page, showId);
    await chooseSeats(page, await findFreeSeatsTogether(page, count));
    await holdChosenSeats(page);
    return page;
  }

  const payWithCard = async (page: Page, card: string): Promise<void> => {
    await page.getByRole('textbox', { name: 'Card number' }).fill(card);
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
  };

  const tickets = (page: Page): Locator => page.getByRole('article', { name: /^Ticket / });

  it('can open the booking in another browser with the mailed link, see the tickets and refund a seat', async () => {
    const page = await openHolderPage(2);
    await page.getByRole('button', { name: /^Pay €/ }).click();
    await payWithCard(page, cards.good);
    await tickets(page).nth(1).waitFor();
    await page.getByRole('textbox', { name: 'Send to my e-mail address' }).fill('fresh@example.com');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    const [mail] = await mailbox.waitForMails('fresh@example.com');
    const [link = ''] = /http\S+#access=\S+/.exec(mail!.text ?? '') ?? [];
    const [code = ''] = /[B-Z2-9]{3}-[B-Z2-9]{4}/.exec(mail!.text ?? '') ?? [];

    const fresh = await openVisitorPage(browser, app);
    const requests: string[] = [];
    fresh.on('request', (request) => requests.push(request.url()));
    await fresh.goto(link);
    await tickets(fresh).nth(1).waitFor();
    await fresh.getByText(`Booking code ${code}`).waitFor();
    expect(fresh.url()).toBe(link.split('#')[0]);
    expect(requests.filter((url) => url.includes('booking.ey'))).toEqual([]);
    expect(await findViolations(fresh)).toEqual([]);
    const download = fresh.waitForEvent('download');
    await fresh.getByRole('button', { name: 'Save as PDF' }).click();
    expect((await download).suggestedFilename()).toBe('tickets.pdf');
    await fresh.reload();
    await fresh.getByRole('checkbox').first().check();
    await fresh.getByRole('button', { name: /^Refund 1 seat/ }).click();
    await fresh.getByRole('button', { name: /^Yes, refund/ }).click();
    await waitForAnnouncement(fresh, 'polite', /refunded/);
    await fresh.getByText('Refunded').first().waitFor();
    await fresh.getByRole('link', { name: 'My tickets' }).click();
    await fresh.getByRole('link', { name: 'Show the tickets' }).waitFor();

    const stranger = await openVisitorPage(browser, app);
    for (const bad of [link.slice(0, -4), link.replace(/#access=.*/, '#access=booking.a.b.c')]) {
      await stranger.goto(bad);
      await stranger
        .getByRole('alert')
        .filter({ hasText: 'The newest e-mail about the booking has a valid link' })
        .waitFor();
    }
    await stranger.goto(link);
    await tickets(stranger).nth(1).waitFor();
    await Promise.all([page, fresh, stranger].map((opened) => opened.context().close()));
  });

  it('pays for a hold, gets tickets that are valid for the public key, and can save and refund them', async () => {
    const page = await openHolderPage(2, sharp);
    await page.getByRole('button', { name: /^Pay €/ }).click();
    await page.getByRole('heading', { level: 1, name: /^€/ }).waitFor();
    await payWithCard(page, cards.good);
    await tickets(page).nth(1).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/bookings\//);

    const labels: string[] = [];
    for (const code of await page.getByRole('img', { name: /^Code of ticket/ }).all()) {
      labels.push((await verifyTicketCode(app.url, await scanQr(code))).label);
    }
    expect(await tickets(page).evaluateAll((all) => all.map((element) => element.getAttribute('aria-label')))).toEqual(
      labels.map((label) => `Ticket ${label}`),
    );

    const saved = page.waitForEvent('download');
    const answered = page.waitForResponse((response) => response.headers()['content-type'] === 'application/pdf');
    await page.getByRole('button', { name: 'Save as PDF' }).click();
    expect((await answered).status()).toBe(200);
    expect((await saved).suggestedFilename()).toBe('tickets.pdf');

    const pass = page.waitForEvent('download');
    await page.getByRole('button', { name: `Add ${labels[0]} to Apple Wallet` }).click();
    expect((await pass).suggestedFilename()).toBe(`ticket-${labels[0]}.pkpass`);
    const link = page.waitForRequest(/^https:\/\/pay\.google\.com\/gp\/v\/save\//);
    await page.route('https://pay.google.com/**', (route) => route.fulfill({ status: 204 })); // The answer 204 keeps the page open.
    await page.getByRole('button', { name: `Add ${labels[0]} to Google Wallet` }).click();
    await link;

    await page.getByRole('textbox', { name: 'Send to my e-mail address' }).fill('ada@example.com');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await waitForAnnouncement(page, 'polite', /on their way to ada@example.com/);

    await page.getByRole('checkbox', { name: `Seat ${labels[0]}` }).check();
    await page.getByText('We keep a fee of €2.00 per seat').waitFor();
    await page.getByRole('button', { name: 'Refund 1 seat for €10.50' }).click();
    await page.getByRole('button', { name: `Yes, refund ${labels[0]}` }).click();
    await page
      .getByRole('article', { name: `Ticket ${labels[0]}` })
      .getByText('Refunded')
      .waitFor();
    await page
      .getByRole('region', { name: 'Refunds' })
      .getByText(/^Paid back on/)
      .waitFor();

    await page.reload();
    await page.getByRole('article', { name: `Ticket ${labels[1]}` }).waitFor();
    await page
      .getByRole('region', { name: 'Refunds' })
      .getByText(/^Paid back on/)
      .waitFor();
    await page.context().close();
  });

  it('is told that a card was declined, sees both countdowns, and pays with another card', async () => {
    const page = await openHolderPage(1);
    await page.getByRole('button', { name: /^Pay €/ }).click();
    await payWithCard(page, cards.declined);
    await page.getByRole('alert').filter({ hasText: 'The card was declined.' }).waitFor();
    await page.goto(`/shows/${showId}`);
    await page.getByText('The payment was declined').waitFor();
    expect(await page.getByRole('timer').textContent()).toMatch(/^[67]:\d\d.* left to pay$/);
    await page.getByText(/Your hold itself ends in/).waitFor();
    await page.getByRole('button', { name: /^Try again to pay €/ }).click();
    await payWithCard(page, cards.good);
    await tickets(page).waitFor();
    await page.context().close();
  });

  it('pays on another device with the QR code beside the seat map, whose page then opens the tickets by itself', async () => {
    const page = await openHolderPage(1, sharp);
    await page.getByRole('button', { name: 'Pay on another device' }).click();
    const url = await scanQr(page.getByRole('img', { name: 'Code to pay on another device' }));
    const phone = await openVisitorPage(browser, app, { viewport: { width: 390, height: 780 }, hasTouch: true });
    await phone.goto(url);
    await phone.getByRole('button', { name: 'Pay now' }).click();
    await phone.getByText('You can close this page').waitFor();
    await tickets(page).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/bookings\//);
    // The phone has paid, but its session does not own the booking, so it cannot see the tickets.
    await phone.goto(page.url());
    await phone.getByText('This booking was made in another browser').waitFor();
    expect(await phone.getByRole('article').count()).toBe(0);
    await Promise.all([page.context().close(), phone.context().close()]);
  });

  it('pays on another device with the QR code on the pay page, which then opens the tickets by itself', async () => {
    const page = await openHolderPage(1, sharp);
    await page.getByRole('button', { name: /^Pay €/ }).click();
    const url = await scanQr(page.getByRole('img', { name: 'Code to pay with another device' }));
    const phone = await openVisitorPage(browser, app, { viewport: { width: 390, height: 780 } });
    await phone.goto(url);
    await phone.getByRole('button', { name: 'Pay now' }).click();
    await tickets(page).waitFor();
    expect(await phone.getByRole('status').textContent()).toBe('Paid. Thank you.');
    await Promise.all([page.context().close(), phone.context().close()]);
  });

  it('is told that a payment is pending, and gets the tickets when the provider confirms the payment', async () => {
    const page = await openHolderPage(1);
    const seats = await page
      .locator('[data-status="mine"]')
      .evaluateAll((all) => all.map((element) => element.dataset.seat));
    await page.getByRole('button', { name: /^Pay €/ }).click();
    await payWithCard(page, cards.late);
    await page.getByText('Waiting for your payment').waitFor();
    await waitForAnnouncement(page, 'polite', /^Paid\. Your seats are booked/);
    await tickets(page).waitFor();
    await page.goto(`/shows/${showId}`);
    await waitForSeatStatus(page, seats[0] ?? '', 'mine');
    await page.getByRole('link', { name: 'Show my tickets' }).click();
    await tickets(page).waitFor();
    expect(await tickets(page).count()).toBe(1);
    await page.context().close();
  });

  it('finds held and paid seats again from another page', async () => {
    const page = await openVisitorPage(browser, app);
    const myTicketsLink = page.getByRole('link', { name: 'My tickets' });
    await openShow(page, showId);
    expect(await myTicketsLink.count()).toBe(0);
    await chooseSeats(page, await findFreeSeatsTogether(page, 1));
    await holdChosenSeats(page);
    await page.goto('/');
    await myTicketsLink.click();
    await page.getByRole('heading', { level: 1, name: 'My tickets' }).waitFor();
    await page.getByRole('timer').waitFor();
    expect(await findViolations(page)).toEqual([]);

    await page.getByRole('link', { name: /^Pay €/ }).click();
    await page.getByRole('button', { name: /^Pay €/ }).click();
    await payWithCard(page, cards.good);
    await tickets(page).waitFor();
    await page.goto('/');
    await myTicketsLink.click();
    await page.getByText('Paid', { exact: true }).waitFor();
    expect(await page.getByRole('timer').count()).toBe(0);
    await page.getByRole('link', { name: 'Show the tickets' }).click();
    await tickets(page).waitFor();

    await page.evaluate(() => localStorage.setItem('usher.bookings', '{'));
    await page.goto('/bookings');
    await page.getByText('There are no tickets here').waitFor();
    await page.context().close();
  });

  const looks = [
    { name: 'light, desktop', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
    { name: 'dark, telephone', colorScheme: 'dark', viewport: { width: 320, height: 640 } },
  ] as const;

  it.each(looks)('sees pages without accessibility violations ($name)', async (look) => {
    const page = await openHolderPage(2, { ...look, reducedMotion: 'reduce' });
    const found: Record<string, string[]> = {};
    const checkPage = async (name: string): Promise<void> => {
      found[name] = await findViolations(page);
      const width = await page.locator('html').evaluate((html) => html.scrollWidth);
      if (width > look.viewport.width) found[name].push(`the page is ${width} px wide and scrolls sideways`);
    };
    const title = await page.locator('[aria-labelledby^="hold-"]').getAttribute('aria-labelledby');
    await page.goto(`/bookings/${title?.slice('hold-'.length)}`);
    await page.getByRole('button', { name: 'Pay on another device' }).click();
    await page.getByRole('img', { name: 'Code to pay on another device' }).waitFor();
    await checkPage('code');
    await page.getByRole('button', { name: 'Pay in another way' }).click();
    await page.getByRole('button', { name: /pay €/i }).click();
    await page.getByRole('textbox', { name: 'Card number' }).waitFor();
    await checkPage('pay page');
    await payWithCard(page, cards.declined);
    await page.getByRole('alert').waitFor();
    await checkPage('declined on the pay page');
    await payWithCard(page, cards.good);
    await tickets(page).nth(1).waitFor();
    await checkPage('tickets');
    await page.getByRole('checkbox').first().press('Space');
    await page.getByRole('button', { name: /^Refund 1 seat/ }).press('Enter');
    await page.getByText(/cannot undo this/).waitFor();
    await checkPage('giving back');
    await page.getByRole('button', { name: /^Yes, refund/ }).press('Enter');
    await page.getByText('Refunded', { exact: true }).waitFor();
    await checkPage('given back');
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])));
    await page.context().close();
  });
});
