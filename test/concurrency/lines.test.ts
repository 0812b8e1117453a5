import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import type { Outcome } from '../../src/shows/core/commands/command.js';
import { useDatabase } from '../support/database.js';
import {
  reserveBest,
  expectChain,
  expectSameState,
  readHistory,
  joinLine,
  pick,
  readWaiter,
  reserve,
  openThreeLanes,
} from '../support/line-nodes.js';
import { createRandom } from '../support/create-random.js';

const database = useDatabase();

describe('hundreds of sessions that join at the same time on three nodes', () => {
  it('get one line ticket each, without gaps or repeats, even if a session asks twice', async () => {
    const { terms, lanes, failures } = await openThreeLanes(database.pool, 1);
    const sessions = Array.from({ length: 300 }, () => uuidv7());
    // Each session asks on two nodes, as if its connection had moved from one node to the other.
    const calls = sessions.flatMap((sessionId, index) =>
      [0, 1].map((more) =>
        pick(lanes, index + more)
          .submit(joinLine(sessionId))
          .then(readWaiter),
      ),
    );
    const waiters = await Promise.all(calls);
    const tickets = new Map(waiters.map(({ sessionId, lineTicket }) => [sessionId, lineTicket]));
    for (const { sessionId, lineTicket } of waiters) expect(tickets.get(sessionId)).toBe(lineTicket);
    expect([...tickets.values()].toSorted((a, b) => a - b)).toEqual(sessions.map((_, index) => index + 1));
    expect(failures).toEqual([[], [], []]);
    expect((await readHistory(database.pool, terms)).violations).toEqual([]);
    await expectChain(database.pool, terms.showId);
    await expectSameState(database.pool, terms, lanes);
  });

  it('learn exactly how many sessions are ahead of them', async () => {
    const { lanes } = await openThreeLanes(database.pool, 1);
    const outcomes = await Promise.all(Array.from({ length: 60 }, (_, index) => pick(lanes, index).submit(joinLine())));
    for (const outcome of outcomes) {
      const at = outcome.type === 'inLine' && outcome.at;
      const { lineTicket } = readWaiter(outcome);
      expect(at).toEqual({ version: lineTicket, waiting: lineTicket, lastTicket: lineTicket, ahead: lineTicket - 1 });
    }
  });
});

describe('seats that are released on one node while other nodes get requests for them', () => {
  it.each([
    ['go to waiting sessions in line-ticket order, and to other buyers only if no waiting session can use them', false],
    ['go to the head of a strict line, and to other buyers only if the line is empty', true],
  ])('%s', async (_, strictLine) => {
    const rules = { singleSeatGap: 'off', maxSeatsPerSession: null, strictLine } as const;
    const { terms, lanes, bookings, failures } = await openThreeLanes(database.pool, 40, { holdMs: 250, rules });
    const live = bookings.map(({ bookingId, sessionId }) => ({ bookingId, sessionId }));
    const waiters = Array.from({ length: 120 }, () => uuidv7());
    const random = createRandom(Date.now());
    const outcomes: Promise<Outcome>[] = [];
    const anyLane = () => pick(lanes, random(3));
    for (let turn = 0; turn < 60; turn++) {
      for (const sessionId of waiters.slice(turn * 2, turn * 2 + 2)) {
        outcomes.push(anyLane().submit(joinLine(sessionId, 1 + random(4))));
      }
      const released = live[turn];
      if (released && turn % 2 === 0) outcomes.push(anyLane().submit({ type: 'release', ...released }));
      outcomes.push(anyLane().submit(reserveBest(1 + random(3), uuidv7())), anyLane().submit(reserve([random(40)])));
      if (turn % 5 === 0)
        outcomes.push(anyLane().submit({ type: 'leaveLine', sessionId: pick(waiters, random(turn * 2 + 1)) }));
      outcomes.push(anyLane().submit({ type: 'tick' }));
      // The test awaits all outcomes only in every fourth turn, so that each node is sometimes ahead of the others and
      // sometimes behind them.
      if (turn % 4 === 3) await Promise.all(outcomes);
    }
    await Promise.all(outcomes);
    // Ticks on all nodes expire the offers and the other holds until the line is empty and no seat is held.
    while (lanes[0]!.state.lines.seats.waiting > 0 || lanes[0]!.state.counts.held > 0) {
      await Promise.all(lanes.map((lane) => lane.submit({ type: 'tick' })));
    }
    const history = await readHistory(database.pool, terms);
    expect(history.violations).toEqual([]);
    expect(history.offers.length).toBeGreaterThan(50);
    expect(failures).toEqual([[], [], []]);
    await expectChain(database.pool, terms.showId);
    await expectSameState(database.pool, terms, lanes);
  });

  it('never go to a session outside the line as long as sessions wait in it', async () => {
    const { terms, lanes, bookings } = await openThreeLanes(database.pool, 30);
    const sessions = bookings.map(() => uuidv7());
    for (const sessionId of sessions) await lanes[0]!.submit(joinLine(sessionId));
    const tries = bookings.flatMap((booking, seat) => [
      lanes[1]!.submit(reserve([seat])),
      lanes[0]!.submit({ type: 'release', ...booking }),
      lanes[1]!.submit(reserve([seat])),
      lanes[2]!.submit(reserveBest(1, uuidv7())),
    ]);
    const outcomes = await Promise.all(tries);
    const released = outcomes.filter((_, index) => index % 4 === 1);
    expect(released.map(({ type }) => type)).toEqual(bookings.map(() => 'done'));
    expect(outcomes.filter(({ type }) => type === 'done')).toHaveLength(bookings.length);
    const history = await readHistory(database.pool, terms);
    expect([history.violations, history.directReservationCount]).toEqual([[], bookings.length]);
    expect(history.offers).toEqual(sessions.map((_, index) => index + 1));
    await expectSameState(database.pool, terms, lanes);
  });
});

describe('a show that is called off on one node', () => {
  it('ends the wait of all sessions on all nodes, including sessions that join at the same time', async () => {
    const { terms, lanes } = await openThreeLanes(database.pool, 2);
    const before = Array.from({ length: 20 }, () => uuidv7());
    for (const sessionId of before) await lanes[0]!.submit(joinLine(sessionId));
    const outcomes = await Promise.all([
      ...Array.from({ length: 30 }, (_, index) => pick(lanes, index).submit(joinLine())),
      lanes[1]!.submit({ type: 'callOff' }),
      ...Array.from({ length: 30 }, (_, index) => pick(lanes, index).submit(joinLine())),
    ]);
    const refused = outcomes.filter(({ type }) => type === 'refused');
    expect(refused.length).toBeGreaterThan(0);
    for (const outcome of refused) expect(outcome).toMatchObject({ error: { code: 'SALE_CLOSED' } });
    const history = await readHistory(database.pool, terms);
    expect(history.waiting.size).toBe(0);
    const { rows } = await database.pool.query(
      `select count(*) filter (where kind = 'join')::int as joins, count(*) filter (where kind = 'expire')::int as ends
       from line_event where show_id = $1`,
      [terms.showId],
    );
    const joins = before.length + outcomes.filter(({ type }) => type === 'inLine').length;
    expect(rows).toEqual([{ joins, ends: joins }]);
    await expectChain(database.pool, terms.showId);
    await expectSameState(database.pool, terms, lanes);
  });
});
