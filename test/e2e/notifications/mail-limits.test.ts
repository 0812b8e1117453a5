import { describe, expect, it } from '@jest/globals';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { tablesWith } from '../../support/database-text.js';
import { setUpApp } from '../../support/file-app.js';
import { Payer } from '../../support/payer.js';
import { forwardedFor } from '../../support/limited-app.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';

const app = setUpApp({
  env: {
    ADMIN_API_KEY: adminKey,
    MAILS_PER_ADDRESS_HOUR_MAX: '3',
    MAILS_PER_ADDRESS_DAY_MAX: '4',
    MAILS_PER_CALLER_HOUR_MAX: '5',
    MAILS_PER_CALLER_DAY_MAX: '6',
    MAILS_PER_NETWORK_HOUR_MAX: '12',
    MAILS_PER_NETWORK_DAY_MAX: '100',
    PROXIES: '1',
  },
});

let addressCount = 0;

/** Returns a network address that no other buyer of this file has. */
const createAddress = () => `203.0.113.${addressCount++}`;

/** A buyer who sets addresses for a hold of the buyer's own. */
async function createBuyer(url = app.url, address = createAddress()) {
  const caller = await RestCaller.begin(url);
  const { bookingId } = await new Payer(caller).hold(await makeShow(app.pool), [0]);
  return (email: string | null, key?: string, headers: Record<string, string> = {}) =>
    caller.call(
      'PUT',
      `/v1/bookings/${bookingId}/contact`,
      { email },
      { ...forwardedFor(address), ...headers, ...(key !== undefined && { 'idempotency-key': key }) },
    );
}

/** Moves all counted calls into the past by this number of hours. */
const age = (hours: number) => app.pool.query(`update mail_count set hour = hour - $1 * interval '1 hour'`, [hours]);

const sumCalls = async (): Promise<number> =>
  (await app.pool.query<{ calls: number }>('select coalesce(sum(calls), 0)::int as calls from mail_count')).rows[0]!
    .calls;

const hourMs = 60 * 60 * 1000;

describe('setting a mail address', () => {
  it('is limited per hour and per day for one mailbox, whoever sets it, in whatever spelling, on any node', async () => {
    const node = await app.startNode();
    const spellings = ['Victim@example.com', 'victim+a@example.com', 'victim+b@EXAMPLE.com'];
    for (const [index, email] of spellings.entries()) {
      const setAddress = await createBuyer(index === 1 ? node.url : app.url);
      expect((await setAddress(email)).status).toBe(200);
    }
    const setAddress = await createBuyer(node.url);
    const refusal = await setAddress('victim@example.com');
    expect(refusal).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    expect(Number(refusal.body['retryAfterMs'])).toBeLessThanOrEqual(hourMs);
    expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await setAddress('somebody.else@example.com')).status).toBe(200);

    await age(1);
    expect((await setAddress('victim@example.com')).status).toBe(200);
    const overDay = await setAddress('victim@example.com');
    expect(overDay).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    expect(Number(overDay.body['retryAfterMs'])).toBeGreaterThan(20 * hourMs);
    await age(24);
    expect((await setAddress('victim@example.com')).status).toBe(200);
  });

  it('is limited per session for all its addresses together', async () => {
    const setAddress = await createBuyer();
    for (let n = 0; n < 5; n++) expect((await setAddress(`friend${n}@example.com`)).status).toBe(200);
    expect(await setAddress('friend5@example.com')).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    // A kiosk sets the addresses of many buyers.
    const { key } = await makeKey(app.url, { roles: ['kiosk'] });
    const kiosk = await setAddress('friend5@example.com', undefined, { 'x-api-key': key });
    expect(kiosk.status).toBe(200);
    // Erasing an address sends no mail.
    expect((await setAddress(null)).status).toBe(200);
  });

  it('is limited for all buyers of one network address together', async () => {
    const network = '198.51.100.1';
    for (let n = 0; n < 12; n++) {
      const setAddress = await createBuyer(app.url, network);
      expect((await setAddress(`neighbour${n}@example.com`)).status).toBe(200);
    }
    const next = await createBuyer(app.url, network);
    const refusal = await next('neighbour12@example.com');
    expect(refusal).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    const elsewhere = await createBuyer();
    expect((await elsewhere('neighbour12@example.com')).status).toBe(200);
    const { key } = await makeKey(app.url, { roles: ['kiosk'] });
    expect((await next('neighbour13@example.com', undefined, { 'x-api-key': key })).status).toBe(200);
  });

  it('counts simultaneous calls one after another', async () => {
    const setAddress = await createBuyer();
    const answers = await Promise.all(Array.from({ length: 8 }, () => setAddress('rush@example.com')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(5);
  });

  it('counts a repeated idempotency key once, and no refused call', async () => {
    const before = await sumCalls();
    const setAddress = await createBuyer();
    for (let n = 0; n < 5; n++) expect((await setAddress('once@example.com', 'same')).status).toBe(200);
    const stranger = await createBuyer();
    expect((await stranger('once@example.com')).status).toBe(200);
    expect((await stranger('once@example.com')).status).toBe(200);
    for (let n = 0; n < 3; n++) expect((await stranger('once@example.com')).status).toBe(429);
    // Each of the three calls counts for the mailbox, for its session and for its network.
    expect((await sumCalls()) - before).toBe(9);
  });

  it('is counted without storing the address', async () => {
    const setAddress = await createBuyer();
    await setAddress('hidden@example.com');
    await setAddress(null);
    expect(await tablesWith(app.pool, ['hidden@example.com'])).toEqual([]);
  });
});
