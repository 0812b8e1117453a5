import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Booking } from '@usher/contract';
import { fetchProof, verifyLine } from '@usher/client';
import { ShowLogRepository } from '../../../src/shows/store/show-log.repository.js';
import { digestOf } from '../../simulation/reference/digest.js';
import { ReferenceShow } from '../../simulation/reference/reference-show.js';
import { makeAccessCodes, redeem } from '../../support/access-codes.js';
import { Admin } from '../../support/admin.js';
import { adminKey } from '../../support/api-keys.js';
import { book, refund } from '../../support/book-seats.js';
import { readDatabaseText, tablesWith } from '../../support/database-text.js';
import { enterShow } from '../../support/entry-line.js';
import { setUpApp } from '../../support/file-app.js';
import { openLane, plainTerms } from '../../support/lanes.js';
import { TestPushService } from '../../support/push-service.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { waitUntil } from '../../support/wait-until.js';

const retentionSettings = {
  BOOKING_RETENTION_DAYS: '100',
  CONTACT_RETENTION_DAYS: '20',
  MAIL_RETENTION_DAYS: '40',
  PUSH_RETENTION_DAYS: '60',
};

const app = setUpApp({ env: { ...retentionSettings, PUSH_PRIVATE_HOSTS: 'true', ADMIN_API_KEY: adminKey } });
const admin = new Admin(() => app.url);

let pushService: TestPushService;
beforeAll(async () => {
  pushService = await TestPushService.start();
});
afterAll(() => pushService.close());

const email = 'kept.for.a.while@example.com';

/** Creates a show with a paid booking, a refund, a hold that ended, a mail, a wait and a stay of one buyer. */
async function createUsedShow() {
  const buyer = await RestCaller.begin(app.url);
  const { sessionId, token } = buyer.session;
  const showId = await makeShow(app.pool);
  const { codes } = await makeAccessCodes(admin, showId);
  await redeem(buyer, showId, codes[0]);
  const booking = await book(app.pool, buyer, showId, [0, 1]);
  await refund(app.pool, buyer, booking, [1]);
  await buyer.call('PUT', `/v1/bookings/${booking.bookingId}/contact`, { email });
  const key = { 'idempotency-key': `${sessionId} hold` };
  const held = await buyer.call('POST', `/v1/shows/${showId}/reservations`, { seats: [5] }, key);
  await buyer.call('DELETE', `/v1/bookings/${String(held.body['bookingId'])}`);
  const metered = await makeShow(app.pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
  await enterShow(await app.connect({ auth: { token } }), metered);
  await buyer.call('DELETE', `/v1/shows/${metered}/queue`);
  return { buyer, sessionId, showId, metered, booking };
}

/** Moves shows into the past, as if they had ended the given number of days ago. */
const endShows = (showIds: readonly number[], days: number) =>
  app.pool.query(
    `update show set starts_at = now() - ($2 + 0.1) * interval '1 day', ends_at = now() - $2 * interval '1 day',
       sale_closes_at = now() - ($2 + 0.1) * interval '1 day' where id = any ($1)`,
    [showIds, days],
  );

/** Starts a node, which deletes what is due as soon as it runs, and waits until a condition is true. */
async function cleanUntil(isClean: () => Promise<boolean>): Promise<void> {
  const node = await app.startNode();
  await waitUntil(isClean);
  await node.close();
}

const countMoney = async ({ showId }: Booking) =>
  (
    await app.pool.query(
      `select (select sum(amount) from refund where show_id = $1) as refunded,
         (select sum(amount) from booking, unnest(amounts) amount where show_id = $1 and status = 'booked') as booked,
         (select sold from show_ledger where show_id = $1) as sold`,
      [showId],
    )
  ).rows[0];

describe('after a show', () => {
  it('addresses, mails, push subscriptions and sessions are deleted when their own retention period has ended', async () => {
    const { buyer, sessionId, showId, metered, booking } = await createUsedShow();
    await buyer.call('POST', '/v1/push/subscriptions', pushService.browser().subscription);
    const has = async (table: string, text: string) => (await readDatabaseText(app.pool)).get(table)!.includes(text);
    const money = await countMoney(booking);

    await endShows([showId, metered], 19);
    await app.pool.query(`update push_subscription set made_at = now() - interval '59 days'`);
    // A second show has ended long enough ago. When its address is gone, the node has seen the first show too.
    const old = await createUsedShow();
    await endShows([old.showId, old.metered], 21);
    await cleanUntil(async () => !(await has('booking_contact', old.booking.bookingId)));
    expect(await has('booking_contact', booking.bookingId)).toBe(true);
    expect(await has('mail_message', old.booking.bookingId)).toBe(true);
    expect(await has('push_subscription', sessionId)).toBe(true);

    await endShows([old.showId, old.metered], 41);
    await app.pool.query(`update push_subscription set made_at = now() - interval '61 days'`);
    await cleanUntil(
      async () => !(await has('mail_message', old.booking.bookingId)) && !(await has('push_subscription', sessionId)),
    );
    expect(await has('mail_message', booking.bookingId)).toBe(true);

    await endShows([old.showId, old.metered], 101);
    await cleanUntil(async () => {
      const { rowCount } = await app.pool.query('select from show_anonymization where salt is null');
      return rowCount === 2;
    });
    expect(await tablesWith(app.pool, [old.sessionId])).toEqual([]);
    expect(await tablesWith(app.pool, [sessionId])).toEqual(
      expect.arrayContaining(['access_code_use', 'booking', 'show_log']),
    );
    expect(await countMoney(old.booking)).toEqual(money);
    await expectLogMatchesTables(old.showId);
    const proof = await fetchProof(app.url, old.metered, 'entry');
    expect((await verifyLine({ proof, line: 'entry' })).isValid).toBe(true);
  });

  it('a node that still has the show in memory reads it again before it changes the show', async () => {
    const { sessionId, showId, metered, booking } = await createUsedShow();
    expect(await countSources([showId, metered])).toBeGreaterThan(0);
    // This lane is in memory, as in a node that serves the show.
    const { lane } = await openLane(plainTerms(showId), app.pool);
    await endShows([showId, metered], 101);
    await cleanUntil(async () => (await tablesWith(app.pool, [sessionId])).length === 0);
    await lane.submit({ type: 'refund', bookingId: booking.bookingId, seats: null, by: 'staff' });
    expect(await tablesWith(app.pool, [sessionId])).toEqual([]);
    expect(await countSources([showId, metered])).toBe(0);
    await expectLogMatchesTables(showId);
  });
});

/** Counts the rows and log entries of shows that contain the source of a caller. */
async function countSources(showIds: readonly number[]): Promise<number> {
  const { rows } = await app.pool.query<{ count: number }>(
    `select (select count(*) from booking where show_id = any ($1) and source is not null)::int
       + (select count(*) from waiter where show_id = any ($1) and source is not null)::int
       + (select count(*) from stay where show_id = any ($1) and source is not null)::int
       + (select count(*) from show_log where show_id = any ($1) and changes @? '$.**.source ? (@ != null)')::int as count`,
    [showIds],
  );
  return rows[0]!.count;
}

/** Folds the log of a show, and compares the result with the tables. */
async function expectLogMatchesTables(showId: number): Promise<void> {
  const { lane } = await openLane(plainTerms(showId), app.pool);
  const fold = new ReferenceShow(lane.terms.layout.seatCount);
  for (const entry of await new ShowLogRepository(app.pool).entriesAfter(showId, 0, null)) fold.apply(entry);
  expect(digestOf(lane.state)).toBe(fold.digest());
}
