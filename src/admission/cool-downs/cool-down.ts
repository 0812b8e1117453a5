import { RollingCount } from '../../common/rolling-count.js';

/** The rules after how many holds that ended unpaid a session, or all sessions of a source, must wait. */
export interface CoolDownRules {
  /** The first wait. Each further hold that ends unpaid doubles it. 0 turns cool-downs off. */
  readonly firstWaitMs: number;
  readonly waitMsMax: number;
  /** Number of holds that may end unpaid in {@link changeWindowMs}. */
  readonly freeChanges: number;
  /** Time for which holds may last unpaid in {@link unpaidWindowMs} altogether, in lengths of a hold. */
  readonly freeHolds: number;
  readonly unpaidWindowMs: number;
  /** Number of further free changes and free holds for each paid booking. */
  readonly freePerBooking: number;
}

/** A buyer may change seats five times in this time. */
export const changeWindowMs = 10 * 60_000;

/** The unpaid time counts in the last twelve lengths of a hold, which is one hour by default. */
export const unpaidWindowHolds = 12;

/** What a hold that ended unpaid adds to the counts of a cool-down. */
export interface UnpaidHold {
  /** Whether it begins a new round. Holds that were made before the last round ended belong to that round. */
  readonly beginsRound: boolean;
  /**
   * The time for which the session had unpaid seats by this hold alone, in lengths of a hold. The time by which a payment
   * lengthened the hold counts too.
   */
  readonly heldShare: number;
}

/** A time of waiting that starts when too many holds ended unpaid. It grows with each further hold. */
export class CoolDown {
  private readonly changes = new RollingCount(changeWindowMs);
  private readonly unpaid: RollingCount;
  private bookings: RollingCount | null = null;
  private until = -Infinity;

  constructor(private readonly rules: CoolDownRules) {
    this.unpaid = new RollingCount(rules.unpaidWindowMs);
  }

  /** Counts a hold that ended unpaid. */
  recordUnpaid(now: number, { beginsRound, heldShare }: UnpaidHold): void {
    if (!beginsRound && heldShare === 0) return;
    if (beginsRound) this.changes.add(now);
    this.unpaid.add(now, heldShare);
    const free = this.rules.freePerBooking * (this.bookings?.at(now) ?? 0);
    const { firstWaitMs, waitMsMax, freeChanges, freeHolds } = this.rules;
    const excess = Math.max(
      this.changes.at(now) - freeChanges - free,
      // Two excess steps per length of a hold, because a bot needs no more calls than this to keep seats.
      2 * (this.unpaid.at(now) - freeHolds - free),
    );
    if (excess <= 0) return;
    const waitMs = Math.min(waitMsMax, firstWaitMs * 2 ** (Math.ceil(excess) - 1));
    this.until = Math.max(this.until, now + waitMs);
  }

  /** Counts a paid booking. */
  recordBooking(now: number): void {
    (this.bookings ??= new RollingCount(this.rules.unpaidWindowMs)).add(now);
  }

  /** Returns the ms until the next hold is allowed; 0 if it is allowed now. */
  waitMs(now: number): number {
    return Math.max(0, Math.ceil(this.until - now));
  }
}
