import { expect, it } from '@jest/globals';
import type { Layout } from '@usher/contract';
import { commitBatch, emptyState, enter, joinLine, tick } from './fixtures/commands.js';
import { testRuns } from '../support/plain/test-runs.js';
import { smallHall, smallShow, startAt } from './fixtures/small-show.js';
import { hallPlan } from '../../src/shows/core/seating/index.js';
import type { ShowState } from '../../src/shows/core/state/show-state.js';
import type { ShowTerms } from '../../src/shows/core/model/show-terms.js';

const waiterCount = testRuns({ short: 30_000, long: 100_000 });

/** Maximum number of commands that a lane decides in one transaction. */
const batchSize = 512;

/** A hall with 20 rows of 25 seats. */
const hall: Layout = {
  ...smallHall,
  seatCount: 500,
  width: 30,
  height: 30,
  seats: Array.from({ length: 500 }, (_, seat) => ({
    label: `${seat}`,
    section: 'stalls',
    row: `${Math.floor(seat / 25)}`,
    number: `${(seat % 25) + 1}`,
    x: 3 + (seat % 25),
    y: 4 + Math.floor(seat / 25),
    tier: 'standard',
    kind: 'standard',
  })),
};

const longLine = (other: Partial<ShowTerms>): ShowTerms =>
  smallShow({
    layout: hall,
    plan: hallPlan(hall),
    prices: { standard: 900 },
    holdMs: 1000,
    queueWaitMs: 100_000_000,
    // Signing a receipt takes 25 µs, however long the line is. Here, that time would only hide the cost of a long line.
    signReceipt: (text) => text,
    ...other,
  });

/** Lets all sessions join in batches. @param command makes the command of one session */
function joinAll(state: ShowState, terms: ShowTerms, command: typeof joinLine | typeof enter): void {
  for (let first = 0; first < waiterCount; first += batchSize) {
    const count = Math.min(batchSize, waiterCount - first);
    const batch = Array.from({ length: count }, (_, nth) => command(`session-${first + nth}`));
    commitBatch(state, terms, batch, startAt);
  }
}

/**
 * Ticks the line, as nodes do, until the line is empty. Returns the sessions in the order in which they were served.
 */
function serveAll(state: ShowState, terms: ShowTerms, line: 'seats' | 'entry', everyMs: number): string[] {
  const served: string[] = [];
  for (let now = startAt + everyMs; state.lines[line].waiting > 0; now += everyMs) {
    let hasMoreWork = true;
    while (hasMoreWork) {
      const decision = commitBatch(state, terms, [tick], now);
      ({ hasMoreWork } = decision);
      for (const change of decision.changes) {
        if (change.type === 'offered') served.push(change.sessionId);
        if (change.type === 'entered') served.push(change.stay.sessionId);
      }
    }
  }
  return served;
}

const allSessions = Array.from({ length: waiterCount }, (_, nth) => `session-${nth}`);

/**
 * Maximum CPU time of each test. If the cost per waiter grew with the length of the line, a test would take minutes.
 */
const cpuSecondsMax = waiterCount / 5000;

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

it('serves the waiters of a very long line for seats in the order in which they joined', () => {
  const terms = longLine({});
  const state = emptyState(terms);
  const cpuBefore = cpuSeconds();
  joinAll(state, terms, joinLine);
  const servedAtOnce = state.bookings.size;
  expect(state.lines.seats.waiting).toBe(waiterCount - servedAtOnce);
  const servedFirst = allSessions.slice(0, servedAtOnce);
  expect([...servedFirst, ...serveAll(state, terms, 'seats', 1000)]).toEqual(allSessions);
  expect(cpuSeconds() - cpuBefore).toBeLessThan(cpuSecondsMax);
}, 60_000);

it('admits the members of a very large lobby in the drawn order', () => {
  const saleOpensAt = startAt + 1000;
  const waitingRoom = { mode: 'on', maxShoppers: 500, admitPerMinute: null, shopMs: 1000 } as const;
  const terms = longLine({ saleOpensAt, waitingRoom });
  const state = emptyState(terms);
  const cpuBefore = cpuSeconds();
  joinAll(state, terms, enter);
  expect(state.lines.entry.waiting).toBe(waiterCount);
  commitBatch(state, terms, [tick], saleOpensAt);
  const drawn = [...state.lines.entry.inOrder()].map(({ sessionId }) => sessionId);
  expect(serveAll(state, terms, 'entry', 1000)).toEqual(drawn);
  expect(new Set(drawn).size).toBe(waiterCount);
  expect(cpuSeconds() - cpuBefore).toBeLessThan(cpuSecondsMax);
}, 60_000);
