import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Booking, Payment, ServerPayload } from '@usher/contract';
import type pg from 'pg';
import { startApp, type TestApp } from '../../support/app.js';
import { testPool } from '../../support/database.js';
import { cards, money, Payer } from '../../support/paying.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';
import { until } from '../../support/until.js';

let app: TestApp;
let pool: pg.Pool;
const sockets: TestSocket[] = [];

beforeAll(async () => {
  const env = {
    ADMIN_API_KEY: 'a key of the operator',
    HOLD_SECONDS: '1',
    PAYMENT_GRACE_SECONDS: '0',
    SANDBOX_DELAY_SECONDS: '4',
  };
  app = await startApp({ env, demo: false });
  pool = testPool(app.databaseUrl, 2);
});

afterAll(async () => {
  for (const socket of sockets) socket.close();
  await pool.end();
  await app.close();
});

/** A buyer whose hold has ended while the pay page was open. */
async function late(showId: number, body: Record<string, unknown> = {}) {
  const payer = new Payer(await RestCaller.begin(app.url));
  const socket = await TestSocket.connect(app.url, { auth: { token: payer.caller.session.token } });
  sockets.push(socket);
  const told = (fits: (booking: Booking) => boolean) =>
    socket.next('booking:updated', ({ booking }: ServerPayload<'booking:updated'>) => fits(booking), 20_000);
  const held = await payer.hold(showId, [0, 1]);
  const payment = await payer.start(held, body);
  await told(({ status }) => status === 'expired');
  return { payer, socket, told, held, payment };
}

const isBooked = ({ status }: Booking) => status === 'booked';
const isRefunded = ({ payment }: Booking) => payment?.status === 'refunded';

describe('a payment that succeeds after its hold has ended', () => {
  it('gets the same seats again if they are free', async () => {
    const showId = await makeShow(pool);
    const { payer, told, payment } = await late(showId);
    await payer.pay(payment, cards.good);
    const { booking } = await told(isBooked);
    expect(booking).toMatchObject({ seats: [{ seat: 0 }, { seat: 1 }], substituted: false });
    expect(await money(pool, showId)).toEqual({ captured: 2500, refunded: 0, booked: 2500 });
  });

  it('gets them also when it was paid in time, and the provider knows it late', async () => {
    const showId = await makeShow(pool);
    const payer = new Payer(await RestCaller.begin(app.url));
    const held = await payer.hold(showId, [0, 1]);
    const payment = await payer.startAndPay(held, cards.late);
    await until(async () => (await payer.booking(held)).status === 'expired');
    // It was asked for meanwhile, and is settled by the word of the provider.
    const look = 'select attempts from payment where payment_id = $1';
    await until(async () => (await pool.query(look, [payment.paymentId])).rows[0].attempts > 0);
    expect(await payer.payment(payment)).toMatchObject({ status: 'pending' });
    await until(async () => isBooked(await payer.booking(held)));
    expect(await money(pool, showId)).toEqual({ captured: 2500, refunded: 0, booked: 2500 });
  });

  it('gets seats like them if they are gone and the buyer agreed beforehand', async () => {
    const showId = await makeShow(pool);
    const { payer, told, payment } = await late(showId, { onConflict: 'alternative' });
    const other = new Payer(await RestCaller.begin(app.url));
    await other.startAndPay(await other.hold(showId, [0]));
    await until(async () => (await money(pool, showId)).booked === 1250);
    await payer.pay(payment, cards.good);
    const { booking } = await told(isBooked);
    expect(booking).toMatchObject({ substituted: true, total: { amount: 2500 } });
    expect(booking.seats.map(({ seat }) => seat)).not.toContain(0);
    expect(await money(pool, showId)).toEqual({ captured: 3750, refunded: 0, booked: 3750 });
  });

  it('is refunded if they are gone, and the buyer is told', async () => {
    const showId = await makeShow(pool);
    const { payer, told, payment, held } = await late(showId);
    const other = new Payer(await RestCaller.begin(app.url));
    await other.startAndPay(await other.hold(showId, [0]));
    await until(async () => (await money(pool, showId)).booked === 1250);
    await payer.pay(payment, cards.silent);
    const { booking } = await told(isRefunded);
    expect(booking).toMatchObject({ bookingId: held.bookingId, status: 'expired' });
    // The booking first: what dies in between does both again.
    await until(async () => (await payer.payment(payment)).status === 'refunded');
    expect(await money(pool, showId)).toEqual({ captured: 3750, refunded: 2500, booked: 1250 });
  });

  it('is refunded when the show was called off meanwhile', async () => {
    const showId = await makeShow(pool);
    const { payer, told, payment } = await late(showId);
    await fetch(`${app.url}/v1/admin/shows/${showId}/call-off`, {
      method: 'POST',
      headers: { 'x-api-key': 'a key of the operator', 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'fire' }),
    });
    await payer.pay(payment, cards.good);
    await told(isRefunded);
    expect(await money(pool, showId)).toEqual({ captured: 2500, refunded: 2500, booked: 0 });
  });

  it('does not get seats that somebody waits for', async () => {
    const showId = await makeShow(pool, { rows: 1, seatsPerRow: 2 });
    const waiter = await TestSocket.connect(app.url);
    sockets.push(waiter);
    const payer = new Payer(await RestCaller.begin(app.url));
    const payment = await payer.start(await payer.hold(showId, [0, 1]));
    await waiter.ask('queue:join', { showId, partySize: 2 });
    await waiter.next('queue:offer');
    await payer.pay(payment, cards.good);
    await until(async () => (await payer.payment(payment)).status === 'refunded');
    expect(await money(pool, showId)).toEqual({ captured: 2500, refunded: 2500, booked: 0 });
  });
});

describe('the provider’s webhooks', () => {
  const path = () => `${app.url}/v1/payments/webhooks/sandbox`;

  /** What the provider would send of a payment, signed with its secret at a time. */
  async function signed({ paymentId }: Payment, showId: number, at: Date, status = 'succeeded') {
    const { rows } = await pool.query<{ value: string }>(`select value from kept_secret where name = $1`, [
      'sandbox-webhook-secret',
    ]);
    const { Webhook } = await import('standardwebhooks');
    const eventId = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071';
    const body = JSON.stringify({ eventId, showId, paymentId, status, price: { amount: 1250, currency: 'EUR' } });
    const headers = {
      'content-type': 'application/json',
      'webhook-id': eventId,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(rows[0]!.value).sign(eventId, at, body),
    };
    return { body, headers };
  }

  async function pending() {
    const showId = await makeShow(pool);
    const payer = new Payer(await RestCaller.begin(app.url));
    return { showId, payer, payment: await payer.start(await payer.hold(showId, [0])) };
  }

  const send = async (body: string, headers: Record<string, string>) => {
    const answer = await fetch(path(), { method: 'POST', headers, body });
    return { status: answer.status, body: await answer.json() };
  };

  const refusedWebhook = { status: 401, body: expect.objectContaining({ code: 'UNAUTHENTICATED' }) };

  it('are refused when they are forged, changed on their way, or too old or too new', async () => {
    const { showId, payment, payer } = await pending();
    const now = new Date();
    const { body, headers } = await signed(payment, showId, now);
    expect(await send(body, { 'content-type': 'application/json' })).toEqual(refusedWebhook);
    expect(await send('no json', { 'content-type': 'application/json' })).toEqual(refusedWebhook);
    expect(await send(body.replace('1250', '1'), headers)).toEqual(refusedWebhook);
    expect(await send(body, { ...headers, 'webhook-id': 'another' })).toEqual(refusedWebhook);
    expect(await send(body, { ...headers, 'webhook-signature': 'v1,AAAA' })).toEqual(refusedWebhook);
    for (const skewMs of [-6 * 60_000, 6 * 60_000]) {
      const old = await signed(payment, showId, new Date(now.getTime() + skewMs));
      expect(await send(old.body, old.headers)).toEqual(refusedWebhook);
    }
    const { rows } = await pool.query('select from payment_event where payment_id = $1', [payment.paymentId]);
    expect(rows).toEqual([]);
    expect(await payer.payment(payment)).toMatchObject({ status: 'pending' });
    expect((await fetch(`${app.url}/v1/payments/webhooks/other`, { method: 'POST' })).status).toBe(404);
  });

  it('are kept once and answered every time when they are sent again', async () => {
    const { showId, payment } = await pending();
    const { body, headers } = await signed(payment, showId, new Date(), 'pending');
    const answers = await Promise.all([1, 2, 3].map(() => send(body, headers)));
    expect(answers).toEqual(answers.map(() => ({ status: 200, body: {} })));
    const { rows } = await pool.query('select from payment_event where payment_id = $1', [payment.paymentId]);
    expect(rows).toHaveLength(1);
  });

  it('are handled after they were answered', async () => {
    const { showId, payment, payer } = await pending();
    const { body, headers } = await signed(payment, showId, new Date());
    expect(await send(body, headers)).toEqual({ status: 200, body: {} });
    await until(async () => (await payer.payment(payment)).status === 'succeeded');
    expect(await payer.payment(payment)).toMatchObject({ status: 'succeeded' });
  });
});
