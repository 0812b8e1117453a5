import { beforeAll, describe, expect, it } from '@jest/globals';
import { Admin } from '../../support/admin.js';
import { adminKey } from '../../support/api-keys.js';
import { AuditReader } from '../../support/audit.js';
import { book } from '../../support/book-seats.js';
import { setUpApp } from '../../support/file-app.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
const admin = new Admin(() => app.url);
const audit = new AuditReader(() => app.url);
const made: { buyer?: RestCaller } = {};

beforeAll(async () => {
  made.buyer = await RestCaller.begin(app.url);
});

const city = { name: 'Testville', country: 'DE', timeZone: 'Europe/Berlin', lat: 52.5, lon: 13.4 };

const countEntries = async (): Promise<number> =>
  (await app.pool.query<{ count: number }>('select count(*)::int as count from audit_entry')).rows[0]!.count;

describe('an act of a buyer', () => {
  it('leaves an entry without the buyer if it is a refund, because entries cannot be erased', async () => {
    const rules = { refunds: { deadlineMinutes: 60, feeAmount: 0 } };
    const booking = await book(app.pool, made.buyer!, await makeShow(app.pool, { rules }), [0]);
    const answer = await made.buyer!.call('POST', `/v1/bookings/${booking.bookingId}/refunds`, {});
    expect(answer.status).toBe(200);
    const [entry] = await audit.list({ subject: booking.bookingId });
    expect(entry).toMatchObject({ action: 'payment.refund', actor: { kind: 'buyer', id: null }, address: null });
    expect(JSON.stringify(entry)).not.toContain(made.buyer!.session.sessionId);
  });

  it('leaves no entry if it is a hold, a release or a new mail address', async () => {
    const before = await countEntries();
    const { body } = await made.buyer!.call('POST', `/v1/shows/${await makeShow(app.pool)}/reservations`, {
      seats: [3],
    });
    const path = `/v1/bookings/${String(body['bookingId'])}`;
    expect((await made.buyer!.call('PUT', `${path}/contact`, { email: 'a@example.com' })).status).toBe(200);
    expect((await made.buyer!.call('DELETE', path)).status).toBe(200);
    expect(await countEntries()).toBe(before);
  });
});

it('an act that changes nothing leaves no entry', async () => {
  const cityId = (await admin.make('/cities', city)).cityId;
  const showId = await makeShow(app.pool);
  await admin.call('POST', `/shows/${showId}/blocks`, { seats: [1] });
  const before = await countEntries();
  await admin.call('PATCH', `/cities/${cityId}`, { name: city.name });
  await admin.call('POST', `/shows/${showId}/blocks`, { seats: [1] });
  await admin.call('PATCH', `/shows/${showId}`, { prices: { standard: 1250 } });
  expect(await countEntries()).toBe(before);
});
