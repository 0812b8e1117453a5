import type { Random } from '../../src/catalog/demo/random.js';
import type { ShowTerms } from '../../src/shows/core/model/show-terms.js';
import type { SimulatedDatabase } from './database/simulated-database.js';
import type { SimulatedTables } from './database/simulated-tables.js';
import { startAt } from './fixtures/small-show.js';

/** Maximum length of one jump of the clock. */
const jumpMaxMs = 10 * 60_000;

/** Number of steps after a jump during which the clock mostly stands still. */
const stepsAfterJump = 20;

/**
 * Moves the database's clock, often to an instant at which the passing of time changes something, such as the end of a
 * hold.
 */
export class SimulatedClock {
  private stillSteps = 0;

  constructor(
    private readonly random: Random,
    private readonly database: SimulatedDatabase,
    private readonly terms: ReadonlyMap<number, ShowTerms>,
    private readonly tables: ReadonlyMap<number, SimulatedTables>,
    private readonly paymentDueTimes: () => readonly number[],
  ) {}

  /**
   * True for some steps after a jump. During these steps the clock mostly stands still, so that nodes decide batches at
   * the instant to which it jumped.
   */
  get isStandingStill(): boolean {
    return this.stillSteps > 0;
  }

  countStep(): void {
    this.stillSteps--;
  }

  /** Moves the clock by a short time, or to just before, at or just after an instant that matters. */
  advance(): string {
    const { random, database } = this;
    const instants = [...this.tables].flatMap(([showId, tables]) => this.instantsOf(showId, tables));
    // Without the limit, the clock would jump to the end of a sale that lasts a day. By then, nodes have forgotten all
    // idempotency keys.
    const ahead = instants.filter((at) => at > database.now + 1 && at < database.now + jumpMaxMs);
    const next = Math.min(...ahead) - 1 + random.integer(3);
    const isJump = Number.isFinite(next) && random.integer(4) === 0;
    if (isJump) this.stillSteps = stepsAfterJump;
    database.now = isJump ? next : database.now + 1 + random.integer(150);
    return `the clock is at ${database.now - startAt} ms`;
  }

  /**
   * Returns the instants at which the passing of time changes a show: when holds, waits and stays end, when a sale
   * opens or closes, and when payments or lines are due.
   */
  private instantsOf(showId: number, { bookings, lines }: SimulatedTables): number[] {
    const terms = this.terms.get(showId);
    return [
      ...[...bookings.values()].flatMap(({ status, expiresAt }) => (status === 'reserved' ? (expiresAt ?? []) : [])),
      ...lines.waiters.flatMap(({ waits, expiresAt }) => (waits ? expiresAt : [])),
      ...lines.currentStays().map(({ until }) => until),
      ...lines.stays.slice(-8).map(({ admittedAt }) => admittedAt + 60_000),
      ...this.paymentDueTimes(),
      ...(lines.dueAt === null ? [] : [lines.dueAt]),
      ...(lines.waiters.some(({ waits }) => waits) ? [terms?.saleOpensAt ?? 0, terms?.saleClosesAt ?? 0] : []),
    ];
  }
}
