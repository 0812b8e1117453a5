import { Injectable } from '@nestjs/common';
import type { Buyer } from '../../access/index.js';
import {
  type EnterCommand,
  type EnterOutcome,
  type JoinLineCommand,
  type JoinLineOutcome,
  type Origin,
  type OutcomeOf,
  type ReserveCommand,
  type ReserveOutcome,
  ShowsService,
  type Waiter,
} from '../../shows/index.js';
import { Challenges } from '../challenges/challenges.service.js';
import { AccessCodeUses, type SeatAllowance } from '../codes/access-code-uses.service.js';

/** A call that a buyer makes to a show. */
interface BuyerCall {
  readonly showId: number;
  readonly buyer: Buyer;
  /** The socket that sent the call; null for REST. */
  readonly origin: Origin | null;
}

/** What the lane must know about a buyer besides the request. */
type BuyerFacts = Pick<ReserveCommand, 'sessionId' | 'source' | 'hasPassedChallenge' | keyof SeatAllowance>;

/** Submits the commands with which buyers take seats and places. */
@Injectable()
export class BuyerCommands {
  constructor(
    private readonly shows: ShowsService,
    private readonly challenges: Challenges,
    private readonly codeUses: AccessCodeUses,
  ) {}

  /** Holds seats. @throws DomainError `CHALLENGE_REQUIRED` if the session has not passed it; `NOT_FOUND`, `BUSY` */
  reserve(
    call: BuyerCall,
    request: Pick<ReserveCommand, 'bookingId' | 'request' | 'usedKey'>,
  ): Promise<ReserveOutcome> {
    return this.submit(call, (facts): ReserveCommand => ({ type: 'reserve', ...request, ...facts }));
  }

  /** Joins a line. @throws DomainError like {@link reserve} */
  async join(call: BuyerCall, request: Pick<JoinLineCommand, 'request' | 'usedKey'>): Promise<JoinLineOutcome> {
    const outcome = await this.submit(call, (facts): JoinLineCommand => ({ type: 'joinLine', ...request, ...facts }));
    if (outcome.type === 'inLine') await this.tellLine(call, outcome.waiter);
    return outcome;
  }

  /** Enters a show. @throws DomainError like {@link reserve} */
  enter(call: BuyerCall): Promise<EnterOutcome> {
    return this.submit(call, ({ seatsAllowed: _, codesReadSeq: __, ...facts }): EnterCommand => ({
      type: 'enter',
      ...facts,
    }));
  }

  /**
   * Tells the line that a waiter has passed the challenge, if the command did not say so. The line remembers this for its
   * later offer.
   */
  private async tellLine(
    { showId, buyer, origin }: BuyerCall,
    { line, sessionId, hasPassedChallenge }: Waiter,
  ): Promise<void> {
    if (line !== 'seats' || hasPassedChallenge || buyer.isSeller) return;
    if (this.shows.laneInMemory(showId)?.canChallengeForSeats(buyer.source) === false) return;
    if (!(await this.challenges.hasPassed(showId, sessionId))) return;
    await this.shows.submit(showId, { type: 'passChallenge', sessionId }, origin);
  }

  /**
   * Submits a command to the show's lane. The lane decides by the budget of the buyer's source. It does not know who
   * passed the challenge, and most calls stay within the free part of the budget. So the command contains only what this
   * node knows without reading the table. It is submitted once more if the lane demands the challenge and the session has
   * passed it.
   */
  private submit<C extends ReserveCommand | JoinLineCommand | EnterCommand>(
    { showId, buyer, origin }: BuyerCall,
    toCommand: (facts: BuyerFacts) => C,
  ): Promise<OutcomeOf<C>> {
    const { sessionId, source } = buyer;
    return this.codeUses.withSeatsAllowed(showId, buyer, async (allowance) => {
      const facts = { sessionId, source, ...allowance };
      const hasPassedChallenge = this.challenges.isKnownToHavePassed(showId, sessionId);
      const outcome = await this.shows.submit(showId, toCommand({ ...facts, hasPassedChallenge }), origin);
      if (outcome.type !== 'refused' || outcome.error.code !== 'CHALLENGE_REQUIRED') return outcome;
      if (!(await this.challenges.hasPassed(showId, sessionId))) throw this.challenges.required(showId, 'budget');
      return this.shows.submit(showId, toCommand({ ...facts, hasPassedChallenge: true }), origin);
    });
  }
}
