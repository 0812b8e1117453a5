import type { Pool } from 'pg';
import { hallPlan } from '../../src/shows/core/seating/index.js';
import { noBudgets } from '../../src/shows/core/model/budgets.js';
import type { ShowTerms } from '../../src/shows/core/model/show-terms.js';
import { PostgresShowStore } from '../../src/shows/store/postgres-show-store.js';
import { ShowLane, type ShowLaneOptions } from '../../src/shows/lane/show-lane.js';
import { signTestReceipt } from '../simulation/fixtures/small-show.js';
import { plainSeats } from './show.js';

/** Returns the terms of a show that `makeShow` stored with the same `rows` and `seatsPerRow`. */
export function plainTerms(showId: number, rows = 10, seatsPerRow = 10): ShowTerms {
  const seats = plainSeats(rows, seatsPerRow);
  const stage = { label: 'Screen', x: 1, y: 0, width: seatsPerRow, height: 0.5 };
  const sections = [{ name: 'Hall' }];
  const layout = {
    layoutId: 1,
    seatCount: seats.length,
    width: seatsPerRow + 2,
    height: rows + 3,
    stage,
    sections,
    seats,
  };
  return {
    showId,
    layout,
    plan: hallPlan(layout),
    prices: { standard: 1250 },
    currency: 'EUR',
    saleOpensAt: null,
    saleClosesAt: Date.now() + 7 * 24 * 60 * 60 * 1000,
    movieId: 1,
    hallId: 1,
    startsAt: Date.now() + 7 * 24 * 60 * 60 * 1000,
    endsAt: Date.now() + 7 * 24 * 60 * 60 * 1000,
    calledOff: false,
    termsVersion: 0,
    rules: { singleSeatGap: 'off', maxSeatsPerSession: null, strictLine: false },
    holdMs: 300_000,
    paymentGraceMs: 120_000,
    seatsMax: 10,
    waitingRoom: null,
    protection: null,
    challengePolicy: 'risk',
    budgets: noBudgets,
    queueWaitMs: 3_600_000,
    amountStep: () => 1,
    signReceipt: signTestReceipt,
  };
}

/** Opens a lane as one node would, on the connections of `pool`. Collects the lane's internal errors in `failures`. */
export async function openLane(
  terms: ShowTerms,
  pool: Pool,
  options: Partial<ShowLaneOptions> = {},
): Promise<{ lane: ShowLane; failures: unknown[] }> {
  const failures: unknown[] = [];
  const store = new PostgresShowStore(pool);
  await store.createLedger(terms.showId, terms.layout.seatCount);
  const lane = await ShowLane.open(terms.showId, {
    store,
    readTerms: () => Promise.resolve(terms),
    onAdvance: () => undefined,
    now: Date.now,
    onClockRead: () => undefined,
    onError: (error) => failures.push(error),
    ...options,
  });
  if (!lane) throw new Error(`show ${terms.showId} does not exist`);
  return { lane, failures };
}
