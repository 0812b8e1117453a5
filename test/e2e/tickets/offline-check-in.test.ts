import { describe, expect, it } from '@jest/globals';
import { GateList, OfflineCheckInsDone } from '@usher/contract';
import { importJWK, compactVerify } from 'jose';
import { makeKey } from '../../support/api-keys.js';
import { book, refund } from '../../support/book-seats.js';
import { validate } from '../../support/contract-shapes.js';
import { setUpGateTests } from '../../support/gate-tests.js';
import { makeShow } from '../../support/show.js';
import { keyIdOf } from '../../support/tickets.js';

const tests = setUpGateTests();
const { app, makeShowToday, fetchTickets, bookTickets, checkIn } = tests;

describe('a gate that loses the network', () => {
  const uploadCheckIns = async (checkIns: object[], key = tests.gate.key) => {
    const body = { checkIns };
    const answer = await tests.buyer.call('POST', '/v1/tickets/check-ins/offline', body, { 'x-api-key': key });
    const items = answer.status === 200 ? validate(OfflineCheckInsDone, answer.body).items : [];
    return { status: answer.status, items };
  };

  it('continues with a list of all tickets and the keys that verify their codes', async () => {
    const showId = await makeShowToday();
    const booking = await book(app.pool, tests.buyer, showId, [0, 1, 2]);
    const tickets = await fetchTickets(booking.bookingId);
    await book(app.pool, tests.buyer, showId, [7]); // This buyer has not asked for tickets yet.
    await checkIn({ code: tickets[0]!.code });
    await refund(app.pool, tests.buyer, booking, [1]);
    const list = await tests.buyer.call('GET', `/v1/tickets/check-ins?showId=${showId}`, undefined, {
      'x-api-key': tests.gate.key,
    });
    const { keys, tickets: listed } = validate(GateList, list.body);
    expect(listed).toMatchObject([
      {
        ticketId: tickets[0]!.ticketId,
        seat: 0,
        label: 'A1',
        status: 'used',
        gate: 'North',
        usedAt: expect.any(String),
      },
      { seat: 1, status: 'refunded', gate: null, usedAt: null },
      { seat: 2, status: 'valid' },
      { seat: 7, label: 'A8', status: 'valid' },
    ]);
    const kid = keyIdOf(tickets[2]!.code);
    const key = await importJWK(
      keys.find((candidate) => candidate.kid === kid)!,
      'EdDSA',
    );
    expect((await compactVerify(tickets[2]!.code, key)).payload.length).toBeGreaterThan(0);
    const keyOfOtherShow = await makeKey(app.url, { showId: await makeShowToday() });
    const refused = await tests.buyer.call('GET', `/v1/tickets/check-ins?showId=${showId}`, undefined, {
      'x-api-key': keyOfOtherShow.key,
    });
    expect(refused.status).toBe(403);
  });

  it('uploads its admissions, learns which were not allowed, and gets the same answer for a repeated upload', async () => {
    const showId = await makeShowToday();
    const [unusedTicket, doubleTicket, usedTicket] = await bookTickets(showId, [0, 1, 2]);
    const { usedAt } = await checkIn({ code: usedTicket!.code });
    const timeBefore = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1000).toISOString();
    const times = [timeBefore(60), timeBefore(50), timeBefore(40), timeBefore(30), timeBefore(20)];
    const checkIns = [
      { code: unusedTicket!.code, at: times[0] },
      { code: doubleTicket!.code, at: times[1], gate: 'East' },
      { code: doubleTicket!.code, at: times[2], gate: 'West' },
      { code: usedTicket!.code, at: times[3] },
      { code: 'forged', at: times[4] },
    ];
    const uploaded = await uploadCheckIns(checkIns);
    expect(uploaded.status).toBe(200);
    expect(uploaded.items).toMatchObject([
      { result: 'admitted', usedAt: times[0], gate: 'North' },
      { result: 'admitted', usedAt: times[1], gate: 'East' },
      { result: 'used', usedAt: times[1], gate: 'East' },
      { result: 'used', usedAt, gate: 'North' },
      { result: 'forged' },
    ]);
    expect((await uploadCheckIns(checkIns)).items).toEqual(uploaded.items);
    expect(await checkIn({ code: unusedTicket!.code })).toMatchObject({ result: 'used', usedAt: times[0] });
  });

  it('can upload valid entries next to invalid ones, and learns what is wrong with the invalid ones', async () => {
    const [first, last] = await bookTickets(await makeShowToday(), [0, 1]);
    const at = new Date().toISOString();
    const { status, items } = await uploadCheckIns([
      { code: first!.code, at },
      { code: '', at },
      { code: first!.code, at: 'yesterday' },
      { at, showId: -1 },
      { code: 'x', at, gate: 'a\0b' },
      { code: first!.ticketId, at, showId: 2 ** 40 },
      [],
      { code: last!.code, at },
    ]);
    expect(status).toBe(200);
    expect(items.map(({ result }) => result)).toEqual([
      'admitted',
      'forged',
      'forged',
      'forged',
      'forged',
      'forged',
      'forged',
      'admitted',
    ]);
    expect(items[2]).toEqual({ ...items[1], issues: [{ path: 'at', message: expect.any(String) }] });
    expect(items[7]).not.toHaveProperty('issues');
  });

  it('leaves one record of each double admission for staff, however often it is uploaded', async () => {
    const showId = await makeShowToday();
    const [doubleTicket] = await bookTickets(showId, [0]);
    const timeBefore = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1000).toISOString();
    const [north, west] = [timeBefore(50), timeBefore(40)];
    const checkIns = [
      { code: doubleTicket!.code, at: north },
      { code: doubleTicket!.code, at: west, gate: 'West' },
      { code: 'made up', at: west, gate: 'West', showId },
    ];
    await Promise.all([uploadCheckIns(checkIns), uploadCheckIns(checkIns)]);
    const listConflicts = async (path: string, key = tests.gate.key) =>
      tests.buyer.call('GET', `/v1/tickets/check-ins/conflicts?${path}`, undefined, { 'x-api-key': key });
    const first = await listConflicts(`showId=${showId}&limit=1`);
    expect(first.body).toMatchObject({ items: [{ result: 'forged', ticketId: null, label: null, gate: 'West' }] });
    const { body } = await listConflicts(`showId=${showId}&cursor=${String(first.body.nextCursor)}`);
    expect(body).toMatchObject({
      items: [
        {
          showId,
          ticketId: doubleTicket!.ticketId,
          label: 'A1',
          result: 'used',
          at: west,
          gate: 'West',
          usedAt: north,
          usedGate: 'North',
        },
      ],
      nextCursor: null,
    });
    const keyOfOtherShow = await makeKey(app.url, { showId: await makeShowToday() });
    expect((await listConflicts(`showId=${showId}`, keyOfOtherShow.key)).status).toBe(403);
    expect((await listConflicts(`showId=${showId}&cursor=x`)).status).toBe(400);
    expect((await listConflicts('showId=2000000000')).status).toBe(404);
  });

  it('cannot record an admission in the future, even if its clock is wrong', async () => {
    const [first, second] = await bookTickets(await makeShowToday(), [0, 1]);
    const timeAfter = (ms: number) => new Date(Date.now() + ms).toISOString();
    const { items } = await uploadCheckIns([
      { code: first!.code, at: timeAfter(600_000) },
      { code: second!.code, at: timeAfter(3 * 24 * 60 * 60_000) },
    ]);
    expect(items).toMatchObject([{ result: 'admitted' }, { result: 'admitted' }]);
    for (const { usedAt } of items) expect(Date.parse(usedAt!)).toBeLessThan(Date.now() + 5000);
  });

  it('learns the period in which its tickets are valid, and learns that tickets of a called-off show are invalid', async () => {
    const startsAt = new Date('2031-03-30T19:30:00.000Z'); // Clocks in Berlin go forward on this day.
    const showId = await makeShow(app.pool, { startsAt });
    await bookTickets(showId, [0]);
    const fetchList = async () => {
      const path = `/v1/tickets/check-ins?showId=${showId}`;
      const { body } = await tests.buyer.call('GET', path, undefined, { 'x-api-key': tests.gate.key });
      return validate(GateList, body);
    };
    expect(await fetchList()).toMatchObject({
      startsAt: startsAt.toISOString(),
      admits: { from: '2031-03-29T23:00:00.000Z', until: '2031-03-30T21:59:59.999Z' },
      tickets: [{ status: 'valid' }],
    });
    await app.pool.query('update show set called_off_at = now() where id = $1', [showId]);
    expect((await fetchList()).tickets).toMatchObject([{ status: 'refunded' }]);
  });

  it('can upload at most two hundred admissions in one request', async () => {
    const at = new Date().toISOString();
    const makeCheckIns = (count: number) => Array.from({ length: count }, () => ({ code: 'x', at }));
    expect((await uploadCheckIns(makeCheckIns(200))).items).toHaveLength(200);
    expect((await uploadCheckIns(makeCheckIns(201))).status).toBe(400);
    expect((await uploadCheckIns([])).status).toBe(400);
  });
});
