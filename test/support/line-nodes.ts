import { createHash } from 'node:crypto';
import { expect } from '@jest/globals';
import type { Pool } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import type { Command, Outcome } from '../../src/shows/core/commands/command.js';
import type { Waiter } from '../../src/shows/core/model/waiter.js';
import type { ShowTerms } from '../../src/shows/core/model/show-terms.js';
import { ShowLogRepository } from '../../src/shows/store/show-log.repository.js';
import type { ShowLane } from '../../src/shows/lane/show-lane.js';
import { digestOf } from '../simulation/reference/digest.js';
import { openLane, plainTerms } from './lanes.js';
import { SeatHistory } from './seat-history.js';
import { makeShow } from './show.js';

/** Returns a command that joins the line for seats. */
export const joinLine = (sessionId = uuidv7(), partySize = 1): Command => ({
  type: 'joinLine',
  sessionId,
  request: { partySize, tiers: null, kind: null },
  source: null,
  hasPassedChallenge: false,
});

/** Returns a command that reserves chosen seats. */
export const reserve = (seats: number[], sessionId = uuidv7()): Command => ({
  type: 'reserve',
  bookingId: uuidv7(),
  sessionId,
  request: { seats, onConflict: 'refuse' },
  usedKey: null,
  source: null,
  hasPassedChallenge: false,
});

/** Returns a command that reserves the best seats. */
export const reserveBest = (count: number, sessionId: string): Command => ({
  type: 'reserve',
  bookingId: uuidv7(),
  sessionId,
  request: { best: { count } },
  usedKey: null,
  source: null,
  hasPassedChallenge: false,
});

/** Returns the waiter of an outcome. @throws Error if the outcome is no place in line */
export function readWaiter(outcome: Outcome): Waiter {
  if (outcome.type !== 'inLine') throw new Error(`the outcome is no place in line: ${JSON.stringify(outcome)}`);
  return outcome.waiter;
}

/** Returns the item at an index. After the last item, counting starts again at the first. */
export const pick = <T>(items: readonly T[], index: number): T => items[index % items.length]!;

/** Opens the lanes of three nodes on a new show with one row of seats, and holds all seats. */
export async function openThreeLanes(pool: Pool, seatCount: number, other: Partial<ShowTerms> = {}) {
  const showId = await makeShow(pool, { rows: 1, seatsPerRow: seatCount });
  const terms = { ...plainTerms(showId, 1, seatCount), ...other };
  const nodes = [await openLane(terms, pool), await openLane(terms, pool), await openLane(terms, pool)];
  const lanes = nodes.map(({ lane }) => lane);
  const bookings = await Promise.all(
    Array.from({ length: seatCount }, async (_, seat) => {
      const sessionId = uuidv7();
      const outcome = await lanes[0]!.submit(reserve([seat], sessionId));
      if (outcome.type !== 'done' || !outcome.booking) throw new Error('a lane refused a free seat');
      return { sessionId, bookingId: outcome.booking.bookingId };
    }),
  );
  return { terms, lanes, bookings, failures: nodes.map(({ failures }) => failures) };
}

/** Lets every lane catch up. Then expects that each lane has the same state as a lane that is opened now. */
export async function expectSameState(pool: Pool, terms: ShowTerms, lanes: readonly ShowLane[]): Promise<void> {
  await Promise.all(lanes.map((lane) => lane.catchUp()));
  const { lane: fresh } = await openLane(terms, pool);
  for (const lane of lanes) expect(digestOf(lane.state)).toBe(digestOf(fresh.state));
}

/** Reads a show's log. Expects that the seats and waiters in the tables are those of the log. */
export async function readHistory(pool: Pool, { showId, layout, rules }: ShowTerms): Promise<SeatHistory> {
  const entries = await new ShowLogRepository(pool).entriesAfter(showId, 0, null);
  const history = new SeatHistory(entries, layout.seatCount, rules.strictLine);
  const { rows: taken } = await pool.query<{ seat: number }>(
    'select seat from show_seat where show_id = $1 order by seat',
    [showId],
  );
  expect(taken.map(({ seat }) => seat)).toEqual(history.heldSeatCount);
  const { rows: standing } = await pool.query<{ ticket: number; sessionId: string }>(
    'select line_ticket as ticket, session_id as "sessionId" from waiter where show_id = $1 and waits order by line_ticket',
    [showId],
  );
  const waiting = [...history.waiting.values()].map(({ lineTicket, sessionId }) => ({ ticket: lineTicket, sessionId }));
  expect(standing).toEqual(waiting.toSorted((a, b) => a.ticket - b.ticket));
  return history;
}

/** Expects that the chain of the seat line has no gap, and that each hash covers all earlier entries. */
export async function expectChain(pool: Pool, showId: number): Promise<void> {
  const { rows } = await pool.query<{ n: string; at: Date; kind: string; ticket: number; hash: string }>(
    `select n, at, kind, line_ticket as ticket, hash from line_event where show_id = $1 and line = 'seats' order by n`,
    [showId],
  );
  expect(rows.length).toBeGreaterThan(0);
  let previous = '0'.repeat(64);
  rows.forEach(({ n, at, kind, ticket, hash }, index) => {
    expect(Number(n)).toBe(index + 1);
    const link = `${previous}|${n}|${at.toISOString()}|${kind}|${ticket}`;
    expect(hash).toBe(createHash('sha256').update(link).digest('hex'));
    previous = hash;
  });
}
