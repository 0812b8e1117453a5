import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BookingStore, type BookingView, secondsLeft } from '@usher/client';
import type { Booking, Payment } from '@usher/contract';
import { compactVerify, createLocalJWKSet } from 'jose';
import type pg from 'pg';
import { startApp, type TestApp } from '../../support/app.js';
import { testPool } from '../../support/database.js';
import { LossyProxy } from '../../support/lossy-proxy.js';
import { cards, money } from '../../support/paying.js';
import { sdkClients, until as untilShow } from '../../support/sdk.js';
import { makeShow } from '../../support/show.js';
import { until } from '../../support/until.js';

let app: TestApp;
let pool: pg.Pool;
const usherOf = sdkClients(() => app.url);

beforeAll(async () => {
  app = await startApp({ demo: false, env: { HOLD_SECONDS: '60', PAYMENT_GRACE_SECONDS: '30' } });
  pool = testPool(app.databaseUrl, 2);
});

afterAll(async () => {
  await pool.end();
  await app.close();
});

/** A buyer who holds seats of a show of their own, with the hold open. */
async function buyer(seats: number[], options: Parameters<typeof makeShow>[1] = {}) {
  const showId = await makeShow(pool, options);
  const usher = usherOf();
  const show = usher.openShow(showId);
  const held = await show.reserve({ seats });
  const booking = usher.openBooking(held.bookingId);
  await booking.ready;
  return { showId, usher, show, held, booking };
}

/** The first view of a booking that fits. */
function untilBooking(store: BookingStore, fits: (booking: Booking) => boolean): Promise<BookingView> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const view = store.getSnapshot();
      if (!view.booking || !fits(view.booking)) return;
      clearTimeout(timer);
      stop();
      resolve(view);
    };
    const stop = store.subscribe(look);
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`it did not come about: ${JSON.stringify(store.getSnapshot())}`));
    }, 15_000);
    look();
  });
}

/** Pays on the provider's page, or by its code, as a person does. */
async function payOn({ redirectUrl, qrCode }: Payment, card?: string): Promise<void> {
  const body = new URLSearchParams(card === undefined ? { consent: 'yes' } : { card });
  await fetch((card === undefined ? qrCode : redirectUrl) ?? 'nowhere:', { method: 'POST', body, redirect: 'manual' });
}

async function paidBuyer(seats: number[], options: Parameters<typeof makeShow>[1] = {}) {
  const at = await buyer(seats, options);
  await payOn(await at.usher.bookings.pay(at.held.bookingId), cards.good);
  await untilBooking(at.booking, ({ status }) => status === 'booked');
  return at;
}

describe('paying', () => {
  it('is told to the open booking and to the show: begun, declined, begun again, booked', async () => {
    const { usher, show, held, booking } = await buyer([0, 1]);
    const first = await usher.bookings.pay(held.bookingId);
    expect(first).toMatchObject({ status: 'pending', price: { amount: 2500 }, qrCode: null });
    const { booking: paying } = await untilBooking(booking, ({ payment }) => payment?.status === 'pending');
    expect(paying).toMatchObject({ status: 'reserved', holdEndsAt: held.expiresAt });
    expect(secondsLeft(paying!, usher.serverNow())).toBeGreaterThan(secondsLeft(held, usher.serverNow())! + 25);

    await payOn(first, cards.declined);
    await untilBooking(booking, ({ payment }) => payment?.status === 'declined');
    await untilShow(show, ({ bookings }) => bookings[0]?.payment?.status === 'declined');

    const second = await usher.bookings.pay(held.bookingId);
    await untilShow(show, ({ bookings }) => bookings[0]?.payment?.paymentId === second.paymentId);
    await payOn(second, cards.good);
    await untilBooking(booking, ({ status }) => status === 'booked');
    await untilShow(show, ({ bookings }) => bookings[0]?.status === 'booked');
    await until(async () => (await usher.bookings.payment(second.paymentId)).status === 'succeeded');
    expect(booking.getSnapshot().booking?.payment).toMatchObject({ status: 'succeeded' });
  });

  it('shows a code, which is paid on another device', async () => {
    const { usher, held, booking } = await buyer([0]);
    const payment = await usher.bookings.pay(held.bookingId, { method: 'qr' });
    expect(payment.qrCode).not.toBe(payment.redirectUrl);
    await payOn(payment);
    await untilBooking(booking, ({ status }) => status === 'booked');
  });

  it('takes along what the buyer agrees to, and where to lead back to', async () => {
    const { usher, held } = await buyer([0]);
    const returnUrl = `${app.url}/bookings/${held.bookingId}`;
    const { paymentId } = await usher.bookings.pay(held.bookingId, { onConflict: 'alternative', returnUrl });
    const { rows } = await pool.query('select on_conflict, return_url from payment where payment_id = $1', [paymentId]);
    expect(rows).toEqual([{ on_conflict: 'alternative', return_url: returnUrl }]);
  });

  it('leads back to nobody else’s pages', async () => {
    const { usher, held } = await buyer([0]);
    const { host } = new URL(app.url);
    for (const returnUrl of ['https://evil.example/', `http://${host}@evil.example/`, `http://a:b@${host}/`]) {
      await expect(usher.bookings.pay(held.bookingId, { returnUrl })).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
      });
    }
  });

  it('makes one payment of one call, and gives seats back once, though the answers get lost', async () => {
    const { usher, showId, held, booking } = await buyer([0, 1, 2]);
    const { token } = await usher.session();
    const proxy = await LossyProxy.start(app.url);
    try {
      const behind = usherOf({ url: proxy.url, token });
      proxy.loses = { calls: /^POST .*\/payments$/, answers: 2 };
      const payment = await behind.bookings.pay(held.bookingId);
      const { rows } = await pool.query('select payment_id from payment where show_id = $1', [showId]);
      expect(rows).toEqual([{ payment_id: payment.paymentId }]);
      await payOn(payment, cards.good);
      await untilBooking(booking, ({ status }) => status === 'booked');

      proxy.loses = { calls: /^POST .*\/refunds$/, answers: 1 };
      expect(await behind.bookings.refund(held.bookingId, [1])).toMatchObject({ seats: [{ seat: 0 }, { seat: 2 }] });
      proxy.loses = { calls: /^POST .*\/refunds$/, answers: 1 };
      expect(await behind.bookings.refund(held.bookingId)).toMatchObject({ status: 'refunded' });
      await until(async () => (await money(pool, showId)).refunded === 3750);
    } finally {
      await proxy.close();
    }
  });
});

describe('a paid booking', () => {
  it('has tickets that verify, to print and for a calendar', async () => {
    const { usher, held } = await paidBuyer([3, 4]);
    const tickets = await usher.bookings.tickets(held.bookingId);
    expect(tickets).toMatchObject([
      { seat: 3, label: 'A4', status: 'valid' },
      { seat: 4, label: 'A5', status: 'valid' },
    ]);
    const keys = (await (await fetch(`${app.url}/v1/tickets/keys`)).json()) as Parameters<typeof createLocalJWKSet>[0];
    for (const { code } of tickets) await compactVerify(code, createLocalJWKSet(keys), { algorithms: ['EdDSA'] });
    const [sheet, slip, calendar] = await Promise.all([
      usher.bookings.pdf(held.bookingId),
      usher.bookings.pdf(held.bookingId, 'roll80'),
      usher.bookings.calendar(held.bookingId),
    ]);
    expect([sheet.type, slip.type, calendar.type]).toEqual([
      'application/pdf',
      'application/pdf',
      expect.stringMatching(/^text\/calendar/),
    ]);
    expect((await sheet.text()).slice(0, 5)).toBe('%PDF-');
    expect(await calendar.text()).toContain('BEGIN:VEVENT');
  });

  it('is given back by seats and whole, and says what of the money is back', async () => {
    const { usher, held, booking } = await paidBuyer([0, 1], {
      rules: { refunds: { deadlineMinutes: 0, feeAmount: 200 } },
    });
    expect(await usher.bookings.tickets(held.bookingId)).toHaveLength(2);
    await usher.bookings.refund(held.bookingId, [1]);
    expect(booking.getSnapshot().booking).toMatchObject({ status: 'booked', seats: [{ seat: 0 }] });
    await usher.bookings.refund(held.bookingId);
    await untilBooking(booking, ({ payment }) => payment?.status === 'refunded');
    const paid = { status: 'paid', amount: { amount: 1050, currency: 'EUR' }, paidAt: expect.any(String) };
    expect(await usher.bookings.refunds(held.bookingId)).toMatchObject([
      { kind: 'part', ...paid },
      { kind: 'whole', ...paid },
    ]);
    const statuses = (await usher.bookings.tickets(held.bookingId)).map(({ status }) => status);
    expect(statuses).toEqual(['refunded', 'refunded']);
    await expect(usher.bookings.pdf(held.bookingId)).rejects.toMatchObject({ code: 'BOOKING_STATE' });
  });

  it('is mailed to an address, and to none that is no address', async () => {
    const { usher, held } = await paidBuyer([0]);
    await expect(usher.bookings.mailTo(held.bookingId, 'nobody')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await usher.bookings.mailTo(held.bookingId, 'ada@example.com');
    const { rows } = await pool.query('select kind, address from mail_message where booking_id = $1', [held.bookingId]);
    expect(rows).toEqual([{ kind: 'booked', address: 'ada@example.com' }]);
  });
});

describe('an open booking', () => {
  it('is found again by the session’s token, without the show, and is nobody else’s', async () => {
    const { usher, showId, held } = await paidBuyer([0]);
    const { token } = await usher.session();
    const later = usherOf({ token });
    const again = later.openBooking(held.bookingId);
    await again.ready;
    expect(again.getSnapshot()).toMatchObject({ booking: { status: 'booked' }, error: null });
    expect(await later.bookings.list(showId)).toMatchObject([{ bookingId: held.bookingId }]);

    const other = usherOf().openBooking(held.bookingId);
    await expect(other.ready).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(other.getSnapshot()).toMatchObject({ connection: 'closed', booking: null, error: { code: 'FORBIDDEN' } });
  });

  it('is the same for all who open it, until the last of them closes it', async () => {
    const { usher, held, booking } = await buyer([0]);
    expect(usher.openBooking(held.bookingId)).toBe(booking);
    booking.close();
    await usher.bookings.release(held.bookingId);
    expect(booking.getSnapshot()).toMatchObject({ booking: { status: 'released' } });
    booking.close();
    expect(booking.getSnapshot().connection).toBe('closed');
  });
});
