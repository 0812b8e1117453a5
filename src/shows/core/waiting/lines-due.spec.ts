import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  commitBatch,
  emptyState,
  enter,
  tick,
  joinLine,
  leaveLine,
} from '../../../../test/simulation/fixtures/commands.js';
import { smallShow, startAt, tinyHallTerms } from '../../../../test/simulation/fixtures/small-show.js';
import { testRuns } from '../../../../test/support/plain/test-runs.js';
import type { Command } from '../commands/command.js';
import type { ShowState } from '../state/show-state.js';
import type { ShowTerms, WaitingRoom } from '../model/show-terms.js';
import { hasLineWork } from './entry-line.js';
import { lineWorkAt } from './lines-due.js';

const sessions = fc.constantFrom('ann', 'ben', 'cem', 'dia', 'eve', 'fay');

const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: sessions.map(enter) },
    {
      weight: 2,
      arbitrary: fc.tuple(sessions, fc.integer({ min: 1, max: 3 })).map(([who, size]) => joinLine(who, size)),
    },
    { weight: 2, arbitrary: sessions.map(leaveLine) },
    { weight: 1, arbitrary: fc.constant(tick) },
  ),
  { maxLength: 8 },
);

const steps = fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 5000 }), commands }), { maxLength: 12 });

interface ShowFacts {
  readonly room: WaitingRoom | null;
  readonly opensAfterMs: number | null;
  readonly queueWaitMs: number;
}

const shows: fc.Arbitrary<ShowFacts> = fc.record({
  room: fc.option(
    fc.record({
      mode: fc.constantFrom('on' as const, 'auto' as const),
      maxShoppers: fc.integer({ min: 1, max: 4 }),
      admitPerMinute: fc.constantFrom(null, 1, 2, 60, 120),
      shopMs: fc.constantFrom(1000, 7300, 600_000),
    }),
  ),
  opensAfterMs: fc.constantFrom(null, 4000, 9700),
  queueWaitMs: fc.constantFrom(2500, 20_000, 1_000_000),
});

const termsOf = ({ room, opensAfterMs, queueWaitMs }: ShowFacts): ShowTerms =>
  smallShow({
    ...tinyHallTerms,
    waitingRoom: room,
    saleOpensAt: opensAfterMs === null ? null : startAt + opensAfterMs,
    saleClosesAt: startAt + 40_000,
    queueWaitMs,
  });

/**
 * Returns how many ms after `startAt` the show first has line work, checked in steps of 250 ms; null if it has none.
 */
function findLineWork(state: ShowState, terms: ShowTerms, from: number, until: number): number | null {
  for (let at = from; at < until; at += 250) {
    if (hasLineWork(state, terms, at)) return at - startAt;
  }
  return null;
}

/** Whether any session waits or has a stay. Without one, an empty lobby is drawn only when the next session comes. */
const isUsed = (state: ShowState): boolean => state.waitersBySession.size + state.stays.bySession.size > 0;

describe('the time of the next time-driven change to the lines', () => {
  it('is exact to the second and never too early, and a commit stores this time or an earlier one', () => {
    fc.assert(
      fc.property(shows, steps, (facts, moves) => {
        const terms = termsOf(facts);
        const state = emptyState(terms);
        let now = startAt;
        for (const { afterMs, commands: batch } of moves) {
          now += afterMs;
          const decision = commitBatch(state, terms, batch, now);
          const due = lineWorkAt(state, terms, now) ?? Infinity;
          expect(decision.linesDueAt ?? Infinity).toBeLessThanOrEqual(due);
          if (!isUsed(state)) continue;
          expect(findLineWork(state, terms, now, Math.min(due - 1000, now + 70_000))).toBeNull();
          expect(due === Infinity || hasLineWork(state, terms, due)).toBe(true);
        }
      }),
      { numRuns: testRuns({ short: 100, long: 500 }) },
    );
  });
});
