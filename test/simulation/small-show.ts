import type { Layout } from '@usher/contract';
import { straightRow } from '../../src/catalog/layouts/straight-row.js';
import { hallPlan } from '../../src/shows/core/seating/index.js';
import type { ShowTerms } from '../../src/shows/core/show-terms.js';

const drawings = ['ssssss', 'ss_SSS', 'wcSSSS'];

const seats = drawings
  .flatMap((drawing, row) => straightRow({ drawing, section: 'stalls', row: 'ABC'.charAt(row), y: 3 + row }))
  .map((seat) => ({ ...seat, x: seat.x + 4 }));

/**
 * A hall of 17 seats, small enough that random buyers are always in each other's way: A1–A6 (seats 0–5), B1–B2, an
 * aisle, B3–B5 (6–10), the wheelchair place C1 (11), its companion C2 (12), C3–C6 (13–16).
 */
export const smallHall: Layout = {
  layoutId: 1,
  seatCount: seats.length,
  width: 8,
  height: 7,
  stage: { label: 'Screen', x: 1, y: 0, width: 6, height: 1 },
  sections: [{ name: 'stalls' }],
  seats,
};

const plan = hallPlan(smallHall);

/** A moment to begin at, in ms since 1970. */
export const startAt = Date.UTC(2026, 10, 23, 18);

/** A show in {@link smallHall}, on sale for a day, without a rule about single seats, holds of 10 s. */
export const smallShow = (other: Partial<ShowTerms> = {}): ShowTerms => ({
  showId: 1,
  layout: smallHall,
  plan,
  prices: { standard: 900, premium: 1250 },
  currency: 'EUR',
  saleOpensAt: null,
  saleClosesAt: startAt + 24 * 60 * 60 * 1000,
  calledOff: false,
  rules: { singleSeatGap: 'off', maxSeatsPerSession: null, strictLine: false },
  holdMs: 10_000,
  seatsMax: 10,
  ...other,
});
