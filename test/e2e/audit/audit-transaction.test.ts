import { afterEach, describe, expect, it } from '@jest/globals';
import { adminKey } from '../../support/api-keys.js';
import { Admin, hourOfDay, rowOf } from '../../support/admin.js';
import { AuditReader } from '../../support/audit.js';
import { book } from '../../support/book-seats.js';
import { setUpGateTests } from '../../support/gate-tests.js';
import { makeShow } from '../../support/show.js';

const tests = setUpGateTests();
const { app, checkIn, bookTickets, makeShowToday } = tests;
const admin = new Admin(() => app.url);
const audit = new AuditReader(() => app.url);

const city = { name: 'Testville', country: 'DE', timeZone: 'Europe/Berlin', lat: 52.5, lon: 13.4 };

/**
 * Makes PostgreSQL refuse every new entry.
 *
 * @param moment `at once`: the insert fails. `at the commit`: the act and its entry are written, but the commit fails
 */
async function breakEntries(moment: 'at once' | 'at the commit'): Promise<void> {
  const kind = moment === 'at once' ? 'trigger' : 'constraint trigger';
  const timing = moment === 'at once' ? '' : 'deferrable initially deferred';
  await app.pool.query(`create function refuse_entry() returns trigger language plpgsql as
      $$ begin raise 'no entry can be written'; end $$;
    create ${kind} refuse_entry after insert on audit_entry ${timing} for each row execute function refuse_entry()`);
}

const repairEntries = () => app.pool.query('drop function if exists refuse_entry cascade');

afterEach(repairEntries);

/** Returns everything that the acts of this file can change, and the audit trail. */
async function readState(): Promise<unknown> {
  const { rows } = await app.pool.query(
    `select (select json_agg(c order by id) from city c) as cities,
       (select json_agg(k order by key_id) from api_key k) as keys,
       (select json_agg(t order by ticket_id) from ticket t) as tickets,
       (select json_agg(s order by show_id, seat) from show_seat s) as seats,
       (select json_agg(b order by booking_id) from booking b) as bookings,
       (select json_agg(r) from refund r) as refunds,
       (select json_agg(l order by show_id) from show_ledger l) as ledgers,
       (select json_agg(w order by endpoint_id) from webhook_endpoint w) as webhooks,
       (select count(*) from audit_entry) as entries, (select json_agg(h order by show_id) from audit_head h) as heads`,
  );
  return rows[0];
}

type Act = () => Promise<{ readonly status: number }>;

/** Prepares the objects of each act. The returned acts can be repeated. */
const acts: Readonly<Record<string, () => Promise<Act>>> = {
  'a new city': async () => () => admin.call('POST', '/cities', city),
  'a new API key': async () => () => admin.call('POST', '/api-keys', { name: 'A', roles: ['gate'] }),
  'a revoked API key': async () => {
    const { body } = await admin.call('POST', '/api-keys', { name: 'A', roles: ['gate'] });
    return () => admin.call('DELETE', `/api-keys/${String(body['keyId'])}`);
  },
  'a block of seats': async () => {
    const path = `/shows/${await makeShow(app.pool)}/blocks`;
    await admin.call('POST', path, { seats: [1] });
    return () => admin.call('POST', path, { seats: [2] });
  },
  'a refund': async () => {
    const { bookingId } = await book(app.pool, tests.buyer, await makeShow(app.pool), [0, 1]);
    await tests.fetchTickets(bookingId); // A refund would insert their rows, even if it fails later.
    const path = `/v1/bookings/${bookingId}/refunds`;
    return () => tests.buyer.call('POST', path, { seats: [1] }, { 'x-api-key': adminKey });
  },
  'a check-in': async () => {
    const [ticket] = await bookTickets(await makeShowToday(), [0]);
    return () =>
      tests.buyer.call('POST', '/v1/tickets/check-ins', { code: ticket!.code }, { 'x-api-key': tests.gate.key });
  },
};

describe.each(Object.entries(acts))('%s', (_, prepare) => {
  it.each(['at once', 'at the commit'] as const)('is undone with its entry if the entry fails %s', async (moment) => {
    const act = await prepare();
    const before = await readState();
    await breakEntries(moment);
    expect((await act()).status).toBeGreaterThanOrEqual(500);
    expect(await readState()).toEqual(before);
    await repairEntries();
    expect((await act()).status).toBeLessThan(300);
    expect(await readState()).not.toEqual(before);
  });
});

it('an act that is refused leaves no entry', async () => {
  const hall = await admin.hall(rowOf('sss'));
  const [movieId, startsAt, prices] = [await admin.movie(), hourOfDay(20), { standard: 900 }];
  const show = { movieId, hallId: hall.hallId, startsAt, currency: 'EUR', prices };
  const { showId } = await admin.make('/shows', show);
  const [newest] = await audit.list({ limit: 1 });
  expect(newest).toMatchObject({ action: 'show.create', showId });
  expect((await admin.call('POST', '/shows', show)).status).toBe(400);
  expect((await admin.call('POST', `/shows/${showId}/blocks`, { seats: [99] })).status).toBe(422);
  expect((await checkIn({ code: 'forged' })).status).toBe(400);
  expect((await audit.list({ limit: 1 }))[0]).toEqual(newest);
});

it('simultaneous acts on one show get consecutive numbers without gaps', async () => {
  const showId = await makeShowToday();
  const tickets = await bookTickets(showId, [0, 1, 2, 3, 4, 5, 6, 7]);
  const blocks = [20, 21, 22, 23].map((seat) => admin.call('POST', `/shows/${showId}/blocks`, { seats: [seat] }));
  const results = await Promise.all([...tickets.map(({ code }) => checkIn({ code })), ...blocks]);
  expect(results.map(({ status }) => status)).toEqual(results.map(() => 200));
  const entries = await audit.list({ showId });
  expect(entries.map(({ seq }) => seq)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
});
