import { Inject, Injectable } from '@nestjs/common';
import type { Challenge, ChallengePassed } from '@usher/contract';
import { Subject } from 'rxjs';
import { type Buyer, type SharedLimiter, SharedLimiters } from '../../access/index.js';
import { DomainError } from '../../common/domain-error.js';
import { MemoryLimiter } from '../../common/memory-limiter.js';
import { CONFIG, type Config } from '../../config/config.js';
import { toIso } from '../../database/sql-time.js';
import { ShowsService } from '../../shows/index.js';
import { ChallengePasses } from './challenge-passes.service.js';
import { CHALLENGE_PROVIDER, type ChallengeProvider, type ChallengeSubject } from './challenge-provider.js';

/** Why a session must pass a challenge now. */
export type ChallengeReason = 'always' | 'hot' | 'budget' | 'risk' | 'sockets';

/** The first sentence of the refusal. */
const reasonTexts: Readonly<Record<ChallengeReason, string>> = {
  always: 'This show asks every buyer to pass a challenge.',
  hot: 'Many buyers want this show at this moment, so each of them must pass a challenge.',
  budget: 'Many buyers of your network want this show, so each further one must pass a challenge.',
  sockets: 'Many sockets of your network are open, so each further viewer must pass a challenge.',
  risk: 'The service cannot tell whether this call comes from a person, so the session must pass a challenge.',
};

/** An attempt of a buyer to pass the challenge of a show. */
export interface ChallengeAttempt {
  readonly showId: number;
  readonly buyer: Buyer;
}

/** Maximum number of challenges that one session gets per minute. */
const sessionChallengesMax = 30;

/** Length of the window in which the challenges of one address are counted. */
const addressWindowSeconds = 2;

/** Maximum number of wrong solutions of one session per window. */
const wrongSolutions = { points: 10, seconds: 600 };

/** Poses challenges, checks their solutions, and knows which sessions have passed. */
@Injectable()
export class Challenges {
  /** Emits each right solution. */
  readonly passed = new Subject<ChallengeAttempt>();

  /** Emits each wrong solution. */
  readonly failed = new Subject<ChallengeAttempt>();

  private readonly posedToSessions: SharedLimiter;
  /**
   * Posing a challenge takes 0.9 ms of CPU time of this node, so many sessions of one address must not ask for too many. The
   * nodes do not share this limit, because it protects each node.
   */
  private readonly posedToAddresses: MemoryLimiter;
  private readonly wrong: SharedLimiter;

  constructor(
    @Inject(CHALLENGE_PROVIDER) private readonly provider: ChallengeProvider,
    private readonly passes: ChallengePasses,
    private readonly shows: ShowsService,
    @Inject(CONFIG) { challenge }: Config,
    limiters: SharedLimiters,
  ) {
    this.posedToSessions = limiters.create('challenges', { points: sessionChallengesMax, seconds: 60 });
    this.wrong = limiters.create('wrong-solutions', wrongSolutions);
    const points = challenge.posedPerSecondMax * addressWindowSeconds;
    this.posedToAddresses = new MemoryLimiter({ points, seconds: addressWindowSeconds });
  }

  /** Returns whether a session has passed the challenge of a show, at once if this node knows that it has. */
  hasPassed(showId: number, sessionId: string): boolean | Promise<boolean> {
    return this.passes.has({ showId, sessionId });
  }

  /** Returns whether this node knows that a session has passed the challenge of a show. */
  isKnownToHavePassed(showId: number, sessionId: string): boolean {
    return this.passes.isKnown({ showId, sessionId });
  }

  /** Returns the error for a call of a session that must pass the challenge of a show first. */
  required(showId: number, reason: ChallengeReason): DomainError<'CHALLENGE_REQUIRED'> {
    const next = `Solve the challenge of GET /v1/shows/${showId}/challenge, and repeat this call.`;
    return new DomainError('CHALLENGE_REQUIRED', `${reasonTexts[reason]} ${next}`, { showId });
  }

  /** Returns a new challenge for a buyer. @throws DomainError `NOT_FOUND`, `RATE_LIMITED` */
  async create({ showId, buyer: { sessionId, source } }: ChallengeAttempt): Promise<Challenge> {
    refuseIfLimited(
      await this.posedToSessions.take(sessionId),
      `A session gets at most ${sessionChallengesMax} challenges per minute.`,
    );
    refuseIfLimited(await this.posedToAddresses.take(source), 'Too many challenges for the sessions of one address.');
    await this.shows.lane(showId); // Throws NOT_FOUND.
    const { parameters, expiresAt } = await this.provider.create({ showId, sessionId });
    return { provider: this.provider.name, parameters, expiresAt: expiresAt.toISOString() };
  }

  /**
   * Checks a solution. A repeated right solution is harmless.
   *
   * @throws DomainError `FORBIDDEN` if the solution is wrong; `NOT_FOUND`, `RATE_LIMITED`, `BUSY`
   */
  async solve(attempt: ChallengeAttempt, solution: string): Promise<ChallengePassed> {
    const { showId, buyer } = attempt;
    const subject = { showId, sessionId: buyer.sessionId };
    refuseIfLimited(await this.wrong.waitMs(buyer.sessionId), 'This session has sent too many wrong solutions.');
    await this.shows.lane(showId); // Throws NOT_FOUND.
    const verdict = await this.provider.verify(solution, subject);
    if (!verdict.isSolved) {
      await this.wrong.take(buyer.sessionId);
      this.failed.next(attempt);
      throw new DomainError('FORBIDDEN', verdict.problem, {});
    }
    const until = await this.passes.add(subject);
    await this.tellLine(subject);
    this.passed.next(attempt);
    return { passed: true, until: toIso(until) };
  }

  /** Lets the line offer a session that already waits for seats more than the free part of its source's budget. */
  private async tellLine({ showId, sessionId }: ChallengeSubject): Promise<void> {
    // The session may have joined on another node a moment ago.
    await this.shows.catchUp(showId);
    const waiter = (await this.shows.lane(showId)).waiterOf(sessionId);
    if (waiter?.line !== 'seats' || waiter.hasPassedChallenge) return;
    await this.shows.submit(showId, { type: 'passChallenge', sessionId }, null);
  }
}

/** @throws DomainError `RATE_LIMITED` unless the caller may go on at once */
function refuseIfLimited(retryAfterMs: number, detail: string): void {
  if (retryAfterMs > 0) throw new DomainError('RATE_LIMITED', detail, { retryAfterMs });
}
