import { CoolDown, type CoolDownRules } from '../../cool-downs/cool-down.js';
import { CountSignal } from '../signals/count-signal.js';
import { HoldAndDrop } from '../signals/hold-and-drop.js';
import { PerShow } from './per-show.js';
import type { Signal } from '../signals/signal.js';
import {
  sourceCalls,
  sourceDrops,
  sourceFailedChallenges,
  sourcePayments,
  sourceSessions,
} from '../signals/weights.js';

/** Maximum number of shows that are remembered per source. */
const showsMax = 500;

/** What all sessions of one source did in one show. */
export class SourceInShow {
  readonly sessions = new CountSignal(sourceSessions);
  readonly coolDown: CoolDown;

  constructor(rules: CoolDownRules) {
    this.coolDown = new CoolDown(rules);
  }
}

/** What a node knows about one source for the risk scores of its sessions. */
export class SourceActivity {
  readonly shows: PerShow<SourceInShow>;
  readonly calls = new CountSignal(sourceCalls);
  readonly drops = new HoldAndDrop(sourceDrops);
  readonly failedChallenges = new CountSignal(sourceFailedChallenges);
  readonly payments = new CountSignal(sourcePayments);

  /** @param since when the node began to observe the source, in ms since 1970 */
  constructor(
    readonly since: number,
    createInShow: () => SourceInShow,
  ) {
    this.shows = new PerShow(showsMax, createInShow);
  }

  /** Returns the sum of the points of all signals. */
  points(now: number, inShow: SourceInShow): number {
    return (
      this.calls.points(now) +
      this.drops.points(now) +
      this.failedChallenges.points(now) +
      this.payments.points(now) +
      inShow.sessions.points(now)
    );
  }

  signals(inShow: SourceInShow): Signal[] {
    return [inShow.sessions, this.calls, this.drops, this.failedChallenges, this.payments];
  }
}
