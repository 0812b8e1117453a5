import { CoolDown, type CoolDownRules } from '../../cool-downs/cool-down.js';
import { EndedHolds } from '../../cool-downs/ended-holds.js';
import { CountSignal } from '../signals/count-signal.js';
import { HoldAndDrop } from '../signals/hold-and-drop.js';
import { InhumanTiming } from '../signals/inhuman-timing.js';
import { UnpaidTime } from '../../cool-downs/unpaid-time.js';
import { PerShow } from './per-show.js';
import type { Signal } from '../signals/signal.js';
import {
  sessionBookings,
  sessionCalls,
  sessionDrops,
  sessionFailedChallenges,
  sessionPayments,
} from '../signals/weights.js';

/** Maximum number of shows that are remembered per session. */
const showsMax = 50;

/** The rules of the cool-downs of sessions. */
export interface SessionRules {
  readonly coolDown: CoolDownRules;
  /** Time for which a session may not hold the same seats again; 0 for no such rule. */
  readonly sameSeatsMs: number;
}

/** What one session did in one show. */
export class SessionInShow {
  /** When the session asked to enter the show, in ms since 1970; null if it did not have to ask. */
  enteredAt: number | null = null;
  hasCalledToHold = false;
  private lastRoundAt = -Infinity;
  // Most sessions give nothing back, so these parts are created when they are first used.
  private ownCoolDown: CoolDown | null = null;
  private ownEndedHolds: EndedHolds | null = null;
  private ownUnpaidTime: UnpaidTime | null = null;

  constructor(private readonly rules: SessionRules) {}

  get coolDown(): CoolDown {
    return (this.ownCoolDown ??= new CoolDown(this.rules.coolDown));
  }

  get endedHolds(): EndedHolds {
    return (this.ownEndedHolds ??= new EndedHolds(this.rules.sameSeatsMs));
  }

  get unpaidTime(): UnpaidTime {
    return (this.ownUnpaidTime ??= new UnpaidTime());
  }

  /** Returns the ms until the session may hold any seats; 0 if it may hold them now. */
  waitMs(now: number): number {
    return this.ownCoolDown?.waitMs(now) ?? 0;
  }

  /** Returns the ms until the session may hold these seats, because it held the same seats before; 0 if it may now. */
  sameSeatsWaitMs(now: number, seats: readonly number[]): number {
    return this.ownEndedHolds?.waitMsFor(now, seats) ?? 0;
  }

  /**
   * Returns true if an ended hold is a new round of holding and giving up. Holds that were made before the end of the
   * last round belong to that round.
   */
  beginsRound(heldSince: number, endedAt: number): boolean {
    if (heldSince < this.lastRoundAt) return false;
    this.lastRoundAt = endedAt;
    return true;
  }
}

/**
 * What a node knows about one session for its risk score and its cool-downs. Most sessions hold seats once and pay, so
 * the parts that they do not need are created when they are first used.
 */
export class SessionActivity {
  readonly shows: PerShow<SessionInShow>;
  /** The source of the session's last call. Null if the session has called only other nodes. */
  source: string | null = null;
  readonly calls = new CountSignal(sessionCalls);
  readonly timing = new InhumanTiming();
  private ownDrops: HoldAndDrop | null = null;
  private ownFailedChallenges: CountSignal | null = null;
  private ownPayments: CountSignal | null = null;
  private ownBookings: CountSignal | null = null;

  /** @param since when the node began to observe the session, in ms since 1970 */
  constructor(
    readonly since: number,
    createInShow: () => SessionInShow,
  ) {
    this.shows = new PerShow(showsMax, createInShow);
  }

  get drops(): HoldAndDrop {
    return (this.ownDrops ??= new HoldAndDrop(sessionDrops));
  }

  get failedChallenges(): CountSignal {
    return (this.ownFailedChallenges ??= new CountSignal(sessionFailedChallenges));
  }

  get payments(): CountSignal {
    return (this.ownPayments ??= new CountSignal(sessionPayments));
  }

  get bookings(): CountSignal {
    return (this.ownBookings ??= new CountSignal(sessionBookings));
  }

  /** Returns the sum of the points of all signals. */
  points(now: number): number {
    return (
      this.calls.points(now) +
      this.timing.points(now) +
      (this.ownDrops?.points(now) ?? 0) +
      (this.ownFailedChallenges?.points(now) ?? 0) +
      (this.ownPayments?.points(now) ?? 0) +
      (this.ownBookings?.points(now) ?? 0)
    );
  }

  signals(): Signal[] {
    return [this.calls, this.timing, this.drops, this.failedChallenges, this.payments, this.bookings];
  }
}
