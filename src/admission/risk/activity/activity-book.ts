import { createBoundedCache } from '../../../common/bounded-cache.js';
import type { Config } from '../../../config/config.js';
import type { CoolDownConfig } from '../../../config/protection-config.js';
import { type CoolDownRules, unpaidWindowHolds } from '../../cool-downs/cool-down.js';
import { assess, type Assessment, readSignals } from '../scores/assess.js';
import { SessionActivity, SessionInShow, type SessionRules } from './session-activity.js';
import { SourceActivity, SourceInShow } from './source-activity.js';

/** Maximum number of sessions that a node remembers. One takes about 0.7 KB. */
const sessionsMax = 50_000;

/** Maximum number of sources that a node remembers. */
const sourcesMax = 20_000;

/**
 * Time after which memory forgets a session or a source. Entries that are in use are forgotten too, so that no data
 * about a session is older than a day.
 */
export const activityLifeMs = 23 * 60 * 60_000;

/** A session that holds chosen seats sooner than this after its start is not operated by a hand. */
const handMsMin = 400;

/** No hand reacts in a shorter time to the opening of a sale. */
const openingMsMin = 100;

/** The settings of cool-downs, with the length of a hold. */
export type CoolDownSettings = CoolDownConfig & Pick<Config, 'holdMs'>;

/** A call to a show by a buyer without an API key. */
export interface ObservedCall {
  readonly action: 'enter' | 'join' | 'reserve';
  readonly showId: number;
  readonly sessionId: string;
  readonly source: string;
  /** The chosen seats; null if the service chooses them, or if the call asks for no seats. */
  readonly seats: readonly number[] | null;
}

/** What a node knows about the session and the source of a call. */
export interface CallContext {
  readonly session: SessionActivity;
  readonly inShow: SessionInShow;
  readonly source: SourceActivity;
  readonly sourceInShow: SourceInShow;
}

/** An unpaid hold that ended. */
export interface EndedHold {
  readonly showId: number;
  readonly sessionId: string;
  readonly seats: readonly number[];
  /** When the hold was made, in ms since 1970. */
  readonly heldSince: number;
}

/**
 * Remembers what sessions and sources did. The memory of a node is bounded and ends after a day. All times are ms since
 * 1970 by the clock of the database, except where a method says otherwise.
 */
export class ActivityBook {
  private readonly sessions = createBoundedCache<string, SessionActivity>(sessionsMax);
  private readonly sources = createBoundedCache<string, SourceActivity>(sourcesMax);
  private readonly createSessionInShow: () => SessionInShow;
  private readonly createSourceInShow: () => SourceInShow;

  constructor(private readonly settings: CoolDownSettings) {
    const { firstWaitMs, freeChanges, sameSeatsMs, holdMs } = settings;
    const unpaidWindowMs = unpaidWindowHolds * holdMs;
    const waitMsMax = 20 * firstWaitMs;
    const ofSession = { firstWaitMs, waitMsMax, freeChanges, freeHolds: 2.5, unpaidWindowMs, freePerBooking: 1 };
    const sessionRules: SessionRules = { coolDown: ofSession, sameSeatsMs };
    // The sessions of one source are often different people, so it has much more room and its waits stay short.
    const sourceRules: CoolDownRules = {
      ...ofSession,
      waitMsMax: 4 * firstWaitMs,
      freeChanges: 20 * freeChanges,
      freeHolds: 40,
      freePerBooking: 3,
    };
    this.createSessionInShow = () => new SessionInShow(sessionRules);
    this.createSourceInShow = () => new SourceInShow(sourceRules);
  }

  /** Counts a call. @param saleOpensAt when the show's sale opens or opened; null if it was always open */
  recordCall(call: ObservedCall, now: number, saleOpensAt: number | null): CallContext {
    const context = this.contextOf(call, now);
    const { session, source, inShow } = context;
    session.calls.add(now);
    source.calls.add(now);
    if (call.action === 'enter') {
      inShow.enteredAt ??= now;
      return context;
    }
    session.timing.recordCall(now);
    if (call.action === 'reserve' && !inShow.hasCalledToHold) {
      inShow.hasCalledToHold = true;
      if (isEarlyHold(call, inShow, { now, saleOpensAt })) session.timing.recordEarlyHold(now);
    }
    return context;
  }

  /** Notes the source of a session that calls another node. */
  noteSource(sessionId: string, source: string, now: number): void {
    this.sessionOf(sessionId, now).source ??= source;
  }

  /** Counts a hold that ended unpaid, on any node. */
  recordEndedHold({ showId, sessionId, seats, heldSince }: EndedHold, endedAt: number): void {
    const session = this.sessionOf(sessionId, endedAt);
    const inShow = session.shows.of(showId);
    inShow.endedHolds.record(endedAt, seats);
    // A session may give back one of several holds early, so only the number of rounds groups them. Their time always counts.
    const beginsRound = inShow.beginsRound(heldSince, endedAt);
    const unpaid = { beginsRound, heldShare: inShow.unpaidTime.add(heldSince, endedAt) / this.settings.holdMs };
    const hasCoolDowns = this.settings.firstWaitMs > 0;
    if (beginsRound) session.drops.recordRound(endedAt);
    if (hasCoolDowns) inShow.coolDown.recordUnpaid(endedAt, unpaid);
    if (session.source === null) return;
    const source = this.sourceOf(session.source, endedAt);
    if (beginsRound) source.drops.recordRound(endedAt);
    if (hasCoolDowns) source.shows.of(showId).coolDown.recordUnpaid(endedAt, unpaid);
  }

  /** Counts a paid booking, on any node. */
  recordBooking(showId: number, sessionId: string, now: number): void {
    const session = this.sessionOf(sessionId, now);
    session.bookings.add(now);
    session.drops.recordBooking(now);
    session.shows.of(showId).coolDown.recordBooking(now);
    if (session.source === null) return;
    const source = this.sourceOf(session.source, now);
    source.drops.recordBooking(now);
    source.shows.of(showId).coolDown.recordBooking(now);
  }

  /** Counts a payment that was begun, or that the provider declined. */
  recordPayment(sessionId: string, now: number): void {
    const session = this.sessionOf(sessionId, now);
    session.payments.add(now);
    if (session.source !== null) this.sourceOf(session.source, now).payments.add(now);
  }

  /** Counts a wrong answer to a challenge. */
  recordFailedChallenge(sessionId: string, source: string, now: number): void {
    this.sessionOf(sessionId, now).failedChallenges.add(now);
    this.sourceOf(source, now).failedChallenges.add(now);
  }

  /**
   * Returns the sum of all points of a call. It is an upper bound of the score and takes less time than
   * {@link assessmentOf}.
   */
  pointsOf({ session, source, sourceInShow }: CallContext, now: number): number {
    return session.points(now) + source.points(now, sourceInShow);
  }

  assessmentOf({ session, source, sourceInShow }: CallContext, now: number): Assessment {
    return assess([
      ...readSignals(session.signals(), 'session', now),
      ...readSignals(source.signals(sourceInShow), 'source', now),
    ]);
  }

  /** Forgets a session. */
  forget(sessionId: string): void {
    this.sessions.delete(sessionId);
  }

  /** Forgets the sessions and the sources that the node has observed for {@link activityLifeMs}. */
  forgetOld(now: number): void {
    for (const cache of [this.sessions, this.sources]) {
      for (const [name, { since }] of cache.entries()) if (now - since > activityLifeMs) cache.delete(name);
    }
  }

  private contextOf({ showId, sessionId, source: name }: ObservedCall, now: number): CallContext {
    const session = this.sessionOf(sessionId, now);
    const source = this.sourceOf(name, now);
    const sourceInShow = source.shows.of(showId);
    // A session counts once per source and show. A phone that changes its network counts for both networks.
    if (!session.shows.find(showId) || session.source !== name) sourceInShow.sessions.add(now);
    session.source = name;
    return { session, source, sourceInShow, inShow: session.shows.of(showId) };
  }

  private sessionOf(sessionId: string, now: number): SessionActivity {
    const known = this.sessions.get(sessionId);
    if (known) return known;
    const created = new SessionActivity(now, this.createSessionInShow);
    this.sessions.set(sessionId, created);
    return created;
  }

  private sourceOf(source: string, now: number): SourceActivity {
    const known = this.sources.get(source);
    if (known) return known;
    const created = new SourceActivity(now, this.createSourceInShow);
    this.sources.set(source, created);
    return created;
  }
}

/** Returns true if the first hold of a session in a show comes sooner after a start than a person can act. */
function isEarlyHold(
  { seats, sessionId }: ObservedCall,
  { enteredAt }: SessionInShow,
  { now, saleOpensAt }: { readonly now: number; readonly saleOpensAt: number | null },
): boolean {
  if (saleOpensAt !== null && now >= saleOpensAt && now - saleOpensAt < openingMsMin) return true;
  // A page may ask for the best seats as soon as it has loaded, so only chosen seats count.
  return seats !== null && ((enteredAt !== null && now - enteredAt < handMsMin) || isNewborn(sessionId));
}

/**
 * Returns true if a session was created so short a time ago that nobody can have seen the seats. The id of a session is
 * a UUIDv7, so it contains the time of the node that created it.
 */
function isNewborn(sessionId: string): boolean {
  const createdAt = Number.parseInt(sessionId.slice(0, 8) + sessionId.slice(9, 13), 16);
  const ageMs = Date.now() - createdAt;
  return ageMs >= 0 && ageMs < handMsMin;
}
