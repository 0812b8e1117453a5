import { Injectable } from '@nestjs/common';
import {
  type EnterCommand,
  type JoinLineCommand,
  type Origin,
  type OutcomeOf,
  type ReserveCommand,
  ShowsService,
} from '../../shows/index.js';
import { Challenges } from '../challenges/challenges.service.js';

/** Submits the commands with which buyers take seats and places. */
@Injectable()
export class BuyerCommands {
  constructor(
    private readonly shows: ShowsService,
    private readonly challenges: Challenges,
  ) {}

  /**
   * Submits a command to the show's lane. The lane decides by the budget of the command's source. It does not know who
   * passed the challenge, because most calls stay within the free part of the budget. So the command says `false` at
   * first, and is submitted once more if the lane demands the challenge and the session has passed it.
   *
   * @throws DomainError `CHALLENGE_REQUIRED` if the session has not passed it; `NOT_FOUND`, `BUSY`
   */
  async submit<C extends ReserveCommand | JoinLineCommand | EnterCommand>(
    showId: number,
    command: C,
    origin: Origin | null,
  ): Promise<OutcomeOf<C>> {
    const outcome = await this.shows.submit(showId, command, origin);
    if (outcome.type !== 'refused' || outcome.error.code !== 'CHALLENGE_REQUIRED') return outcome;
    if (!(await this.challenges.hasPassed(showId, command.sessionId))) {
      throw this.challenges.required(showId, 'budget');
    }
    return this.shows.submit(showId, { ...command, hasPassedChallenge: true }, origin);
  }
}
