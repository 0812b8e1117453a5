import { expect, it } from '@jest/globals';
import type { Layout } from '@usher/contract';
import { commitBatch, emptyState, enter, tick, joinLine } from './fixtures/commands.js';
import { smallHall, smallShow, startAt } from './fixtures/small-show.js';
import { hallPlan } from '../../src/shows/core/seating/index.js';
import type { ShowState } from '../../src/shows/core/show-state.js';
import type { ShowTerms } from '../../src/shows/core/show-terms.js';

const waiters = 100_000;

/** As a lane takes them into one transaction. */
const batchSize = 512;

/** A hall of 20 rows of 25. */
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
    // Signing is the same 25 µs for a short line; here it would only hide what a long one costs.
    signReceipt: (text) => text,
    ...other,
  });

/** Everybody joins: whoever `command` says, in batches. */
function joinAll(state: ShowState, terms: ShowTerms, command: typeof joinLine | typeof enter): void {
  for (let first = 0; first < waiters; first += batchSize) {
    const count = Math.min(batchSize, waiters - first);
    const batch = Array.from({ length: count }, (_, nth) => command(`session-${first + nth}`));
    commitBatch(state, terms, batch, startAt);
  }
}

/** Looks at the time as nodes do until nobody waits. @returns who was served, in order */
function serveAll(state: ShowState, terms: ShowTerms, line: 'seats' | 'entry', everyMs: number): string[] {
  const served: string[] = [];
  for (let now = startAt + everyMs; state.lines[line].waiting > 0; now += everyMs) {
    let isCut = true;
    while (isCut) {
      const decision = commitBatch(state, terms, [tick], now);
      ({ isCut } = decision);
      for (const change of decision.changes) {
        if (change.type === 'offered') served.push(change.sessionId);
        if (change.type === 'entered') served.push(change.shopper.sessionId);
      }
    }
  }
  return served;
}

const everybody = Array.from({ length: waiters }, (_, nth) => `session-${nth}`);

// A cost that grows with the line for each of its members would take minutes here.
const secondsMax = 20;

it('a hundred thousand join the line for seats, and all are served in their order', () => {
  const terms = longLine({});
  const state = emptyState(terms);
  const begun = performance.now();
  joinAll(state, terms, joinLine);
  const atOnce = state.bookings.size;
  expect(state.lines.seats.waiting).toBe(waiters - atOnce);
  const offeredAtOnce = everybody.slice(0, atOnce);
  expect([...offeredAtOnce, ...serveAll(state, terms, 'seats', 1000)]).toEqual(everybody);
  expect((performance.now() - begun) / 1000).toBeLessThan(secondsMax);
}, 60_000);

it('a hundred thousand gather in a lobby, and are let in in the drawn order', () => {
  const saleOpensAt = startAt + 1000;
  const waitingRoom = { mode: 'on', maxShoppers: 500, admitPerMinute: null, shopMs: 1000 } as const;
  const terms = longLine({ saleOpensAt, waitingRoom });
  const state = emptyState(terms);
  const begun = performance.now();
  joinAll(state, terms, enter);
  expect(state.lines.entry.waiting).toBe(waiters);
  commitBatch(state, terms, [tick], saleOpensAt);
  const drawn = [...state.lines.entry.inOrder()].map(({ sessionId }) => sessionId);
  expect(serveAll(state, terms, 'entry', 1000)).toEqual(drawn);
  expect(new Set(drawn).size).toBe(waiters);
  expect((performance.now() - begun) / 1000).toBeLessThan(secondsMax);
}, 60_000);
