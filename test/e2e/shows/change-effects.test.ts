import { expect, it } from '@jest/globals';
import { type ApiKeyMade, endpoints } from '@usher/contract';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { validate } from '../../support/contract-shapes.js';
import { Payer } from '../../support/payer.js';
import { describeWithRedis } from '../../support/describe-with-redis.js';
import { RestCaller } from '../../support/rest.js';
import { setUpTwoNodesOnRedis } from '../../support/two-nodes.js';

const hourMs = 60 * 60 * 1000;
const rulesWithoutLimits = { singleSeatGap: 'off', maxSeatsPerSession: null, strictLine: false } as const;

describeWithRedis('two nodes that share one Redis', () => {
  const twoNodes = setUpTwoNodesOnRedis();

  it('keep the refund right of earlier buyers when the refund rule is removed, and give no such right to later buyers', async () => {
    const showId = await twoNodes.show({ rules: { refunds: { deadlineMinutes: 60, feeAmount: 50 } } });
    const [before, other] = [await twoNodes.createPaidBuyer(showId, [0]), await twoNodes.createPaidBuyer(showId, [1])];
    const { startsAt } = await twoNodes.readShow(0, showId);
    const promised = { until: new Date(Date.parse(startsAt) - hourMs).toISOString(), feeAmount: 50 };
    expect(before.booking.refunds).toEqual(promised);
    await twoNodes.administrate('PATCH', String(showId), { rules: { ...rulesWithoutLimits, refunds: null } });
    const after = await twoNodes.createPaidBuyer(showId, [2]);
    expect(after.booking.refunds).toBeNull();
    for (const [node, { booking, callers }] of [before, other].entries()) {
      const path = `/v1/bookings/${booking.bookingId}`;
      expect((await callers[node]!.call('GET', path)).body.refunds).toEqual(promised);
      expect(await callers[node]!.call('POST', `${path}/refunds`, {})).toMatchObject({ status: 200 });
      const { items } = (await callers[node]!.call('GET', `${path}/refunds`)).body;
      expect(items).toMatchObject([{ amount: { amount: 1200, currency: 'EUR' } }]);
      const refused = await after.callers[node]!.call('POST', `/v1/bookings/${after.booking.bookingId}/refunds`, {});
      expect(refused).toMatchObject({ status: 409, body: { code: 'BOOKING_STATE' } });
    }
  });

  it('agree on the new refund deadline as soon as a show has moved', async () => {
    const rules = { refunds: { deadlineMinutes: 24 * 60, feeAmount: 0 } };
    const showId = await twoNodes.show({ rules, startsAt: new Date(Date.now() + 23 * hourMs) });
    const buyers = [await twoNodes.createPaidBuyer(showId, [0]), await twoNodes.createPaidBuyer(showId, [1])];
    // Both nodes have the show in memory, and the refund deadline for its original start time has passed.
    for (const [node, { booking, callers }] of buyers.entries()) {
      expect(await callers[node]!.call('POST', `/v1/bookings/${booking.bookingId}/refunds`, {})).toMatchObject({
        status: 409,
      });
    }
    const startsAt = new Date(Date.now() + 72 * hourMs).toISOString();
    await twoNodes.administrate('PATCH', String(showId), { startsAt, reason: 'A storm' });
    const deadline = new Date(Date.parse(startsAt) - 24 * hourMs).toISOString();
    for (const [node, { booking, callers }] of buyers.entries()) {
      const path = `/v1/bookings/${booking.bookingId}`;
      expect((await callers[node]!.call('GET', path)).body.refunds).toEqual({ until: deadline, feeAmount: 0 });
      expect(await callers[node]!.call('POST', `${path}/refunds`, {})).toMatchObject({ status: 200 });
    }
  });

  it('sell held seats at the price that was valid when they were held', async () => {
    const showId = await twoNodes.show();
    const caller = await RestCaller.begin(twoNodes.url(1));
    const payer = new Payer(caller);
    const held = await payer.hold(showId, [0]);
    await twoNodes.administrate('PATCH', String(showId), { prices: { standard: 4444 } });
    expect((await payer.booking(held)).total.amount).toBe(1250);
    expect((await payer.start(held)).price.amount).toBe(1250);
    expect((await payer.hold(showId, [1])).total.amount).toBe(4444);
  });

  it('log who made each change and why, and write no key to the log', async () => {
    const showId = await twoNodes.show();
    const officeKey: ApiKeyMade = await makeKey(twoNodes.url(0), { name: 'Office', roles: ['admin'] });
    const officeActor = { keyId: officeKey.keyId, name: 'Office' };
    const seats = { seats: [3], reason: 'A broken chair' };
    await twoNodes.administrate('POST', `${showId}/blocks`, seats, officeKey.key);
    await twoNodes.administrate('DELETE', `${showId}/blocks`, { ...seats, reason: 'Mended' }, officeKey.key);
    await twoNodes.administrate(
      'PATCH',
      String(showId),
      { prices: { standard: 900 }, reason: 'A sale' },
      officeKey.key,
    );
    await twoNodes.administrate('POST', `${showId}/call-off`, { reason: 'Nobody came' });
    const log = validate(endpoints.readShowLog.answer, await twoNodes.administrate('GET', `${showId}/log`));
    const changes = log.items.flatMap((entry) => entry.changes);
    expect(changes).toMatchObject([
      { type: 'blocked', seats: [3], reason: 'A broken chair', actor: officeActor },
      { type: 'unblocked', seats: [3], reason: 'Mended', actor: officeActor },
      {
        type: 'termsChanged',
        reason: 'A sale',
        actor: officeActor,
        before: { prices: { standard: 1250 } },
        terms: { prices: { standard: 900 } },
      },
      { type: 'calledOff', reason: 'Nobody came', actor: { keyId: null, name: 'ADMIN_API_KEY' } },
    ]);
    expect(JSON.stringify(log)).not.toContain(officeKey.key);
    expect(JSON.stringify(log)).not.toContain(adminKey);
  });

  it('move a show to the time of another show only after the other show is called off, and sell seats in the meantime', async () => {
    const [showId, otherId] = [
      await twoNodes.show(),
      await twoNodes.show({ startsAt: new Date(Date.now() + 300 * hourMs) }),
    ];
    await twoNodes.nodes.pool.query(
      'update show set hall_id = (select hall_id from show where id = $1) where id = $2',
      [showId, otherId],
    );
    const other = await twoNodes.readShow(0, otherId);
    const admin = await RestCaller.begin(twoNodes.url(0));
    const move = () =>
      admin.call('PATCH', `/v1/admin/shows/${showId}`, { startsAt: other.startsAt }, { 'x-api-key': adminKey });
    const buyers = await Promise.all(Array.from({ length: 5 }, () => RestCaller.begin(twoNodes.url(0))));
    const [moved, ...held] = await Promise.all([
      move(),
      ...buyers.map((buyer, seat) => buyer.call('POST', `/v1/shows/${showId}/reservations`, { seats: [seat] })),
    ]);
    expect(moved).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST', issues: [{ path: 'startsAt' }] } });
    expect(held.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    await twoNodes.administrate('POST', `${otherId}/call-off`, { reason: 'No light' });
    expect(await move()).toMatchObject({ status: 200, body: { startsAt: other.startsAt } });
  });

  it('move only one of two shows if both are moved to the same time at once, and hold seats of both in the meantime', async () => {
    const shareHallStatement = 'update show set hall_id = (select hall_id from show where id = $1) where id = $2';
    for (let round = 0; round < 5; round++) {
      const showIds = [await twoNodes.show(), await twoNodes.show({ startsAt: new Date(Date.now() + 300 * hourMs) })];
      await twoNodes.nodes.pool.query(shareHallStatement, showIds);
      const startsAt = new Date(Date.now() + (500 + 10 * round) * hourMs).toISOString();
      const callers = await Promise.all([0, 1].map((node) => RestCaller.begin(twoNodes.url(node))));
      const key = { 'x-api-key': adminKey };
      const calls = callers.map((caller, node) => [
        caller.call('PATCH', `/v1/admin/shows/${showIds[node]}`, { startsAt }, key),
        caller.call('POST', `/v1/shows/${showIds[node]}/reservations`, { seats: [0] }),
      ]);
      const answers = await Promise.all(calls.map((ofNode) => Promise.all(ofNode)));
      // The losing request may be answered with 503. A second attempt then gets the real reason.
      const moves = await Promise.all(
        answers.map(async ([move], node) =>
          move!.status === 503
            ? callers[node]!.call('PATCH', `/v1/admin/shows/${showIds[node]}`, { startsAt }, key)
            : move!,
        ),
      );
      expect(moves.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 400]);
      expect(answers.map(([, hold]) => [201, 503].includes(hold!.status))).toEqual([true, true]);
    }
  });
});
