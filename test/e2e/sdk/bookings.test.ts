import { describe, expect, it } from '@jest/globals';
import { type BookingStore, type BookingView, secondsLeft } from '@usher/client';
import type { Booking, Payment } from '@usher/contract';
import { setUpApp } from '../../support/file-app.js';
import { LossyProxy } from '../../support/lossy-proxy.js';
import { cards, sumMoney } from '../../support/payer.js';
import { sdkClients, waitForView as untilShow } from '../../support/sdk.js';
import { waitForValue } from '../../support/wait-for-value.js';
import { makeShow } from '../../support/show.js';
import { verifyTicketCode } from '../../support/tickets.js';
import { waitUntil } from '../../support/wait-until.js';

const app = setUpApp({ env: { HOLD_SECONDS: '60', PAYMENT_GRACE_SECONDS: '30' } });
const createClient = sdkClients(() => app.url);

/** Creates a buyer and a show. The buyer holds seats of this show and has opened the booking. */
async function createBuyer(seats: number[], options: Parameters<typeof makeShow>[1] = {}) {
  const showId = await makeShow(app.pool, options);
  const usher = createClient();
  const show = usher.openShow(showId);
  const held = await show.reserve({ seats });
  const booking = usher.openBooking(held.bookingId);
  await booking.ready;
  return { showId, usher, show, held, booking };
}

/** Waits until the booking meets the condition `fits`. Returns the view of the booking at that time. */
function untilBooking(store: BookingStore, fits: (booking: Booking) => boolean): Promise<BookingView> {
  const read = () => {
    const view = store.getSnapshot();
    return view.booking && fits(view.booking) ? view : undefined;
  };
  return waitForValue(read, {
    subscribe: store.subscribe,
    deadlineMs: 15_000,
    describe: () => `no view matched; the last view was ${JSON.stringify(store.getSnapshot())}`,
  });
}

/** Pays as a person does: on the provider's page if a card is given, otherwise with the QR code. */
async function payAsPerson({ redirectUrl, qrCode }: Payment, card?: string): Promise<void> {
  const body = new URLSearchParams(card === undefined ? { consent: 'yes' } : { card });
  await fetch((card === undefined ? qrCode : redirectUrl) ?? 'nowhere:', { method: 'POST', body, redirect: 'manual' });
}

async function createPaidBuyer(seats: number[], options: Parameters<typeof makeShow>[1] = {}) {
  const buyer = await createBuyer(seats, options);
  await payAsPerson(await buyer.usher.bookings.pay(buyer.held.bookingId), cards.good);
  await untilBooking(buyer.booking, ({ status }) => status === 'booked');
  return buyer;
}

describe('a payment through the SDK', () => {
  it('updates the open booking and the show when it starts, is declined, starts again and succeeds', async () => {
    const { usher, show, held, booking } = await createBuyer([0, 1]);
    const first = await usher.bookings.pay(held.bookingId);
    expect(first).toMatchObject({ status: 'pending', price: { amount: 2500 }, qrCode: null });
    const { booking: bookingInPayment } = await untilBooking(booking, ({ expiresAt }) => expiresAt !== held.expiresAt);
    expect(bookingInPayment).toMatchObject({ status: 'reserved', holdEndsAt: held.expiresAt });
    expect(secondsLeft(bookingInPayment!, usher.serverNow())).toBeGreaterThan(
      secondsLeft(held, usher.serverNow())! + 25,
    );

    await payAsPerson(first, cards.declined);
    await untilBooking(booking, ({ payment }) => payment?.status === 'declined');
    await untilShow(show, ({ bookings }) => bookings[0]?.payment?.status === 'declined');

    const second = await usher.bookings.pay(held.bookingId);
    await untilShow(show, ({ bookings }) => bookings[0]?.payment?.paymentId === second.paymentId);
    await payAsPerson(second, cards.good);
    await untilBooking(booking, ({ status }) => status === 'booked');
    await untilShow(show, ({ bookings }) => bookings[0]?.status === 'booked');
    await waitUntil(async () => (await usher.bookings.payment(second.paymentId)).status === 'succeeded');
    expect(booking.getSnapshot().booking?.payment).toMatchObject({ status: 'succeeded' });
  });

  it('offers a QR code with which the buyer pays on another device', async () => {
    const { usher, held, booking } = await createBuyer([0]);
    const payment = await usher.bookings.pay(held.bookingId, { method: 'qr' });
    expect(payment.qrCode).not.toBe(payment.redirectUrl);
    await payAsPerson(payment);
    await untilBooking(booking, ({ status }) => status === 'booked');
  });

  it('sends the return address and the buyer’s consent to other seats', async () => {
    const { usher, held } = await createBuyer([0]);
    const returnUrl = `${app.url}/bookings/${held.bookingId}`;
    const { paymentId } = await usher.bookings.pay(held.bookingId, { onConflict: 'alternative', returnUrl });
    const { rows } = await app.pool.query('select on_conflict, return_url from payment where payment_id = $1', [
      paymentId,
    ]);
    expect(rows).toEqual([{ on_conflict: 'alternative', return_url: returnUrl }]);
  });

  it('cannot return to a page of another site', async () => {
    const { usher, held } = await createBuyer([0]);
    const { host } = new URL(app.url);
    for (const returnUrl of ['https://evil.example/', `http://${host}@evil.example/`, `http://a:b@${host}/`]) {
      await expect(usher.bookings.pay(held.bookingId, { returnUrl })).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
      });
    }
  });

  it('is made once and refunded once, even if answers get lost', async () => {
    const { usher, showId, held, booking } = await createBuyer([0, 1, 2]);
    const { token } = await usher.session();
    const proxy = await LossyProxy.start(app.url);
    try {
      const clientBehindProxy = createClient({ url: proxy.url, token });
      proxy.losses = { calls: /^POST .*\/payments$/, remaining: 2 };
      const payment = await clientBehindProxy.bookings.pay(held.bookingId);
      const { rows } = await app.pool.query('select payment_id from payment where show_id = $1', [showId]);
      expect(rows).toEqual([{ payment_id: payment.paymentId }]);
      await payAsPerson(payment, cards.good);
      await untilBooking(booking, ({ status }) => status === 'booked');

      proxy.losses = { calls: /^POST .*\/refunds$/, remaining: 1 };
      expect(await clientBehindProxy.bookings.refund(held.bookingId, [1])).toMatchObject({
        seats: [{ seat: 0 }, { seat: 2 }],
      });
      proxy.losses = { calls: /^POST .*\/refunds$/, remaining: 1 };
      expect(await clientBehindProxy.bookings.refund(held.bookingId)).toMatchObject({ status: 'refunded' });
      await waitUntil(async () => (await sumMoney(app.pool, showId)).refunded === 3750);
    } finally {
      await proxy.close();
    }
  });
});

describe('a paid booking in the SDK', () => {
  it('has valid tickets, which are available as printable files and as a calendar file, too', async () => {
    const { usher, held } = await createPaidBuyer([3, 4]);
    const tickets = await usher.bookings.tickets(held.bookingId);
    expect(tickets).toMatchObject([
      { seat: 3, label: 'A4', status: 'valid' },
      { seat: 4, label: 'A5', status: 'valid' },
    ]);
    for (const { code, ticketId } of tickets) {
      expect(await verifyTicketCode(app.url, code)).toMatchObject({ ticketId });
    }
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

  it('can be refunded in part and then as a whole, and lists its refunds', async () => {
    const { usher, held, booking } = await createPaidBuyer([0, 1], {
      rules: { refunds: { deadlineMinutes: 0, feeAmount: 200 } },
    });
    expect(await usher.bookings.tickets(held.bookingId)).toHaveLength(2);
    await usher.bookings.refund(held.bookingId, [1]);
    expect(booking.getSnapshot().booking).toMatchObject({ status: 'booked', seats: [{ seat: 0 }] });
    await usher.bookings.refund(held.bookingId);
    await untilBooking(booking, ({ payment }) => payment?.status === 'refunded');
    const expectedRefund = { status: 'paid', amount: { amount: 1050, currency: 'EUR' }, paidAt: expect.any(String) };
    expect(await usher.bookings.refunds(held.bookingId)).toMatchObject([
      { kind: 'part', ...expectedRefund },
      { kind: 'whole', ...expectedRefund },
    ]);
    const statuses = (await usher.bookings.tickets(held.bookingId)).map(({ status }) => status);
    expect(statuses).toEqual(['refunded', 'refunded']);
    await expect(usher.bookings.pdf(held.bookingId)).rejects.toMatchObject({ code: 'BOOKING_STATE' });
  });

  it('can be mailed only to a valid address', async () => {
    const { usher, held } = await createPaidBuyer([0]);
    await expect(usher.bookings.mailTo(held.bookingId, 'nobody')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await usher.bookings.mailTo(held.bookingId, 'ada@example.com');
    const { rows } = await app.pool.query('select kind, address from mail_message where booking_id = $1', [
      held.bookingId,
    ]);
    expect(rows).toEqual([{ kind: 'booked', address: 'ada@example.com' }]);
  });
});

describe('an open booking in the SDK', () => {
  it('can be opened with just the session’s token, without opening the show, but not by another session', async () => {
    const { usher, showId, held } = await createPaidBuyer([0]);
    const { token } = await usher.session();
    const laterClient = createClient({ token });
    const reopened = laterClient.openBooking(held.bookingId);
    await reopened.ready;
    expect(reopened.getSnapshot()).toMatchObject({ booking: { status: 'booked' }, error: null });
    expect(await laterClient.bookings.list(showId)).toMatchObject([{ bookingId: held.bookingId }]);

    const foreign = createClient().openBooking(held.bookingId);
    await expect(foreign.ready).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(foreign.getSnapshot()).toMatchObject({ connection: 'closed', booking: null, error: { code: 'FORBIDDEN' } });
  });

  it('is shared by all callers who open it, until the last of them closes it', async () => {
    const { usher, held, booking } = await createBuyer([0]);
    expect(usher.openBooking(held.bookingId)).toBe(booking);
    booking.close();
    await usher.bookings.release(held.bookingId);
    expect(booking.getSnapshot()).toMatchObject({ booking: { status: 'released' } });
    booking.close();
    expect(booking.getSnapshot().connection).toBe('closed');
  });
});
