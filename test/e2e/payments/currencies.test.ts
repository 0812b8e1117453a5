import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { amountMaxMinorUnits, formatMoney, Show } from '@usher/contract';
import type pg from 'pg';
import { Admin, rowOf } from '../../support/admin.js';
import { adminKey } from '../../support/api-keys.js';
import { startApp, type TestApp } from '../../support/app.js';
import { validate } from '../../support/contract-shapes.js';
import { testPool } from '../../support/database.js';
import { TestMailbox } from '../../support/mailbox.js';
import { sumMoney, Payer } from '../../support/payer.js';
import { describeWithPdfTools, readPdfText } from '../../support/pdf-printing.js';
import { RestCaller } from '../../support/rest.js';
import { waitUntil } from '../../support/wait-until.js';

let app: TestApp;
let pool: pg.Pool;
let mailbox: TestMailbox;
let admin: Admin;
let payer: Payer;

beforeAll(async () => {
  mailbox = await TestMailbox.start();
  app = await startApp({ env: { ADMIN_API_KEY: adminKey, SMTP_URL: mailbox.url }, demo: false });
  pool = testPool(app.databaseUrl, 2);
  admin = new Admin(() => app.url);
  payer = new Payer(await RestCaller.begin(app.url));
});

afterAll(async () => {
  await pool?.end();
  await app?.close();
  await mailbox?.close();
});

const tenSeats = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Holds seats, pays with a sandbox card that succeeds, and waits until the seats are booked. */
async function buy(showId: number, seats: readonly number[], email?: string) {
  const held = await payer.hold(showId, seats);
  if (email !== undefined) await payer.caller.call('PUT', `/v1/bookings/${held.bookingId}/contact`, { email });
  const payment = await payer.startAndPay(held);
  await waitUntil(async () => (await payer.booking(held)).status === 'booked');
  return { held, payment };
}

async function fetchPage(url: string | null): Promise<string> {
  return (await fetch(url ?? 'nowhere:')).text();
}

describe('the highest price', () => {
  it('can be reserved, paid and refunded for ten seats, exact to the minor unit', async () => {
    const show = await admin.show(rowOf('10s'), { standard: amountMaxMinorUnits }, { currency: 'IDR' });
    const { showId } = show;
    expect(show.tiers).toMatchObject([{ price: { amount: amountMaxMinorUnits, currency: 'IDR' } }]);
    const { held, payment } = await buy(showId, tenSeats);
    const total = { amount: 10 * amountMaxMinorUnits, currency: 'IDR' };
    expect(held.total).toEqual(total);
    expect(payment.price).toEqual(total);
    expect(await fetchPage(payment.redirectUrl)).toContain(formatMoney(total, 'en'));
    await payer.refund(held, [0]);
    await payer.refund(held);
    await waitUntil(async () => (await payer.payment(payment)).status === 'refunded');
    expect(await sumMoney(pool, showId)).toEqual({
      captured: 10 * amountMaxMinorUnits,
      refunded: 10 * amountMaxMinorUnits,
      booked: 0,
    });
    const { body } = await payer.caller.call('GET', `/v1/bookings/${held.bookingId}/refunds`);
    expect(body.items).toMatchObject([
      { amount: { amount: amountMaxMinorUnits } },
      { amount: { amount: 9 * amountMaxMinorUnits } },
    ]);
    const listed = await payer.caller.call('GET', `/v1/cinemas/${show.cinema.cinemaId}/showtimes`);
    expect(JSON.stringify(listed.body)).toContain(`"priceFrom":{"amount":${amountMaxMinorUnits},"currency":"IDR"}`);
  });

  it('limits the price of a tier and the fee of a refund', async () => {
    const [{ hallId }, movieId] = [await admin.hall(rowOf('ss')), await admin.movie()];
    const startsAt = new Date(Date.now() + 86_400_000).toISOString();
    const rules = { singleSeatGap: 'off', refunds: { deadlineMinutes: 0, feeAmount: amountMaxMinorUnits + 1 } };
    const body = { movieId, hallId, startsAt, currency: 'IDR', prices: { standard: amountMaxMinorUnits + 1 }, rules };
    const { status, body: answer } = await admin.call('POST', '/shows', body);
    expect([status, answer.issues]).toMatchObject([
      400,
      [{ path: 'prices.standard' }, { path: 'rules.refunds.feeAmount' }],
    ]);
  });
});

describe('the decimal digits of a currency', () => {
  it.each([
    ['HUF', 350_000, '3,500.00'],
    ['IDR', 250_000_000, '2,500,000.00'],
    ['IQD', 15_000_000, '15,000.000'],
    ['UGX', 20_000, '20,000'],
  ])('follow ISO 4217 on the pay page and in mail: %s', async (currency, amount, text) => {
    const { showId } = await admin.show(rowOf('ss'), { standard: amount }, { currency });
    const email = `${currency.toLowerCase()}@example.com`;
    const { held, payment } = await buy(showId, [0], email);
    expect(await fetchPage(payment.redirectUrl)).toMatch(new RegExp(`<h1>[^<]*[^\\d,.]${text}</h1>`));
    await mailbox.waitForMails(email);
    await payer.refund(held);
    const refund = (await mailbox.waitForMails(email, 2)).find(({ subject }) => subject?.startsWith('Your refund'));
    expect(refund?.text).toMatch(new RegExp(`[^\\d,.]${text} goes back to you`));
  });
});

describeWithPdfTools('a printed ticket', () => {
  it('shows the highest price with the digits of ISO 4217', async () => {
    const { showId } = await admin.show(rowOf('ss'), { standard: amountMaxMinorUnits }, { currency: 'HUF' });
    const { held } = await buy(showId, [0]);
    const answer = await fetch(`${app.url}/v1/bookings/${held.bookingId}/tickets`, {
      headers: { accept: 'application/pdf', authorization: `Bearer ${payer.caller.session.token}` },
    });
    expect(await readPdfText(Buffer.from(await answer.arrayBuffer()))).toContain('10,000,000,000.00');
  });
});

describe('an amount of 0', () => {
  it('books the seats at once without a pay page, and a repeated call with the same key gets the same answer', async () => {
    const { showId } = await admin.show(rowOf('ss'), { standard: 0 });
    const held = await payer.hold(showId, [0, 1]);
    const call = () =>
      payer.caller.call('POST', `/v1/bookings/${held.bookingId}/payments`, {}, { 'idempotency-key': 'free' });
    const first = await call();
    expect([first.status, first.body]).toMatchObject([
      201,
      { status: 'succeeded', provider: 'none', redirectUrl: null },
    ]);
    expect((await payer.booking(held)).status).toBe('booked');
    expect((await call()).body).toEqual(first.body);
    await payer.refund(held);
    await waitUntil(async () => (await payer.booking(held)).payment?.status === 'refunded');
    expect(await sumMoney(pool, showId)).toEqual({ captured: 0, refunded: 0, booked: 0 });
  });
});

describe('a currency that is not legal tender', () => {
  it.each(['HRK', 'ZWL', 'BGN', 'XAU', 'XXX', 'XTS', 'CHE', 'CHN', 'CLF'])('is refused: %s', async (currency) => {
    const show = await admin.show(rowOf('ss'), { standard: 900 });
    const refused = await admin.call('PATCH', `/shows/${show.showId}`, { currency });
    expect([refused.status, refused.body.issues]).toMatchObject([400, [{ path: 'currency' }]]);
  });

  it('still works for existing shows, which can be read and changed, and whose seats can be paid and refunded', async () => {
    const { showId } = await admin.show(rowOf('ss'), { standard: 900 });
    await pool.query("update show set currency = 'HRK' where id = $1", [showId]);
    const read = await payer.caller.call('GET', `/v1/shows/${showId}`);
    expect(validate(Show, read.body).tiers).toMatchObject([{ price: { amount: 900, currency: 'HRK' } }]);
    const changed = await admin.call('PATCH', `/shows/${showId}`, { prices: { standard: 950 } });
    expect(changed.status).toBe(200);
    const { held, payment } = await buy(showId, [0, 1]);
    expect(held.total).toEqual({ amount: 1900, currency: 'HRK' });
    await payer.refund(held);
    await waitUntil(async () => (await payer.payment(payment)).status === 'refunded');
    expect(await sumMoney(pool, showId)).toEqual({ captured: 1900, refunded: 1900, booked: 0 });
  });
});
