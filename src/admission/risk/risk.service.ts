import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { RiskAction } from '@usher/contract';
import type { Subscription } from 'rxjs';
import type { Buyer } from '../../access/index.js';
import { DomainError } from '../../common/domain-error.js';
import { CONFIG, type Config } from '../../config/config.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { RealtimeGateway } from '../../realtime/index.js';
import { ShowsService } from '../../shows/index.js';
import { Challenges } from '../challenges/challenges.service.js';
import { ActivityBook, type CallContext } from './activity/activity-book.js';
import { CommitReader } from './activity/commit-reader.js';
import type { Assessment } from './scores/assess.js';
import { DelayedCalls } from './delayed-calls.js';
import { RiskPolicy } from './scores/policy.js';
import { RiskCases } from './risk-cases.service.js';

/** A call that the risk management decides about. */
export interface RiskCall {
  readonly action: 'enter' | 'join' | 'reserve';
  readonly showId: number;
  readonly buyer: Buyer;
  readonly seats: readonly number[] | null;
}

/** A call with what the node knows about its session and its source. */
interface KnownCall {
  readonly call: RiskCall;
  readonly context: CallContext;
  readonly now: number;
}

/** Time after which a refused session may try again. Its score falls as its calls become older. */
const refusedMs = 60_000;

const forgetIntervalMs = 10 * 60_000;

/**
 * Observes the calls of buyers and the commits of shows, and decides which calls are challenged, slowed or refused, and
 * which sessions must wait before their next hold or place in a line. Calls with an API key that sells are exempt, because a kiosk or a
 * partner's server acts for many buyers.
 */
@Injectable()
export class RiskService implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(RiskService.name);
  private readonly book: ActivityBook;
  private readonly commits: CommitReader;
  private readonly policy: RiskPolicy;
  private readonly delays = new DelayedCalls();
  private readonly isOn: boolean;
  private readonly subscriptions: Subscription[] = [];
  private forgetTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly shows: ShowsService,
    private readonly realtime: RealtimeGateway,
    private readonly challenges: Challenges,
    private readonly cases: RiskCases,
    private readonly clock: DatabaseClock,
    @Inject(CONFIG) { riskThresholds, coolDowns, holdMs }: Config,
  ) {
    this.policy = new RiskPolicy(riskThresholds);
    this.isOn = this.policy.isOn || coolDowns.firstWaitMs > 0 || coolDowns.sameSeatsMs > 0;
    this.book = new ActivityBook({ ...coolDowns, holdMs });
    this.commits = new CommitReader(this.book);
  }

  onModuleInit(): void {
    if (!this.isOn) return;
    const observedCommits = this.shows.advances.subscribe(({ showId, bookings, bookingTimes }) => {
      try {
        this.commits.read(showId, bookings, bookingTimes);
      } catch (error) {
        // The commit stays valid. Only the score of the session is too low.
        this.logger.error({ showId, err: error }, 'could not read a commit for risk scores');
      }
    });
    const wrongSolutions = this.challenges.failed.subscribe(({ buyer }) => {
      if (!buyer.isSeller) this.book.recordFailedChallenge(buyer.sessionId, buyer.source, this.clock.now());
    });
    this.subscriptions.push(observedCommits, wrongSolutions);
    this.forgetTimer = setInterval(() => this.book.forgetOld(this.clock.now()), forgetIntervalMs).unref();
  }

  onModuleDestroy(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    clearInterval(this.forgetTimer);
  }

  /**
   * Decides about a call. Returns null if the call may go on at once.
   *
   * @throws DomainError `COOL_DOWN`, `RATE_LIMITED`, `CHALLENGE_REQUIRED`; also through the promise
   */
  admit(call: RiskCall): Promise<void> | null {
    const { buyer, showId, action, seats } = call;
    if (!this.isOn || buyer.isSeller) return null;
    const now = this.clock.now();
    const { sessionId, source } = buyer;
    const saleOpensAt = action === 'reserve' ? (this.shows.laneInMemory(showId)?.terms.saleOpensAt ?? null) : null;
    const context = this.book.recordCall({ action, showId, sessionId, source, seats }, now, saleOpensAt);
    const known = { call, context, now };
    // A place in the line for seats can become a hold at once, without another call.
    const sourceWaitMs = action === 'enter' ? 0 : this.requireNoCoolDown(known);
    const isHigh = this.policy.isOn && this.book.pointsOf(context, now) >= this.policy.lowest;
    return sourceWaitMs > 0 || isHigh ? this.decide(known, sourceWaitMs) : null;
  }

  /** Forgets a session, and deletes its cases. */
  async erase(sessionId: string): Promise<void> {
    this.book.forget(sessionId);
    await this.cases.erase(sessionId);
  }

  /**
   * Checks the cool-downs of the session. Returns the wait of its source.
   *
   * @throws DomainError `COOL_DOWN`
   */
  private requireNoCoolDown({ call, context, now }: KnownCall): number {
    const { inShow, sourceInShow } = context;
    const { showId, buyer, seats } = call;
    const ownMs = inShow.waitMs(now);
    if (ownMs > 0) {
      throw this.ownCoolDown({ call, context, now }, ownMs, 'Several of your holds ended without a payment.');
    }
    const sameSeatsMs = seats === null ? 0 : inShow.sameSeatsWaitMs(now, seats);
    if (sameSeatsMs > 0 && this.realtime.hasOtherViewers(showId, buyer.sessionId)) {
      const why =
        'You have just held the same seats, and others are looking at this show. Choose other seats, or wait.';
      throw this.ownCoolDown({ call, context, now }, sameSeatsMs, why);
    }
    return sourceInShow.coolDown.waitMs(now);
  }

  /** Returns the error for a session that must wait because of its own holds. @throws DomainError `RATE_LIMITED` */
  private ownCoolDown(known: KnownCall, waitMs: number, why: string): DomainError<'COOL_DOWN'> {
    const { context, now } = known;
    context.session.drops.recordIgnoredCoolDown(now);
    // In the end, the score of a session that goes on calling refuses it.
    const assessment = this.book.assessmentOf(context, now);
    if (this.policy.actionFor(assessment.score) === 'refuse') this.refuse(known, assessment);
    return this.coolDown(known, assessment, { waitMs, why });
  }

  private coolDown(
    known: KnownCall,
    assessment: Assessment,
    { waitMs: retryAfterMs, why }: { readonly waitMs: number; readonly why: string },
  ): DomainError<'COOL_DOWN'> {
    this.record('coolDown', known, assessment);
    const detail = `${why} The next attempt is possible in ${Math.ceil(retryAfterMs / 1000)} s.`;
    return new DomainError('COOL_DOWN', detail, { retryAfterMs });
  }

  private async decide(known: KnownCall, sourceWaitMs: number): Promise<void> {
    const { call, context, now } = known;
    const { showId, buyer } = call;
    const assessment = this.book.assessmentOf(context, now);
    const action = this.policy.actionFor(assessment.score);
    if (action === 'refuse') this.refuse(known, assessment);
    const hasPassed = await this.challenges.hasPassed(showId, buyer.sessionId);
    if (sourceWaitMs > 0 && !hasPassed) {
      const why = 'Many holds from your network ended without a payment.';
      throw this.coolDown(known, assessment, { waitMs: sourceWaitMs, why });
    }
    if (action === 'allow') return;
    if (!hasPassed && this.canChallenge(showId)) {
      this.record('challenge', known, assessment);
      throw this.challenges.required(showId, 'risk');
    }
    if (action === 'challenge') {
      this.record('allow', known, assessment);
      return;
    }
    this.record('slow', known, assessment);
    if (await this.delays.wait(buyer.source, this.policy.delayMs(assessment.score))) return;
    throw new DomainError('RATE_LIMITED', 'Too many calls of this network are waiting. Try again later.', {
      retryAfterMs: 5000,
    });
  }

  /** @throws DomainError `RATE_LIMITED` always */
  private refuse(known: KnownCall, assessment: Assessment): never {
    this.record('refuse', known, assessment);
    const detail =
      'This session calls like a program and not like a person, so the call was refused. Wait a minute and try again, ' +
      'or contact the seller.';
    throw new DomainError('RATE_LIMITED', detail, { retryAfterMs: refusedMs });
  }

  /** A show or the settings can turn challenges off. */
  private canChallenge(showId: number): boolean {
    const terms = this.shows.laneInMemory(showId)?.terms;
    return (terms?.protection?.challenge ?? terms?.challengePolicy) !== 'never';
  }

  private record(action: RiskAction, { call }: KnownCall, { score, reasons }: Assessment): void {
    const { showId, buyer } = call;
    const { sessionId, source } = buyer;
    this.cases.record(action, { showId, sessionId, source, call: call.action, score, reasons: [...reasons] });
  }
}
