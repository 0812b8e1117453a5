import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { type OpenShow, ShowsService } from '../../shows/index.js';
import type { SaleCall } from '../calls/sale-call.js';
import { type ChallengeReason, Challenges } from './challenges.service.js';
import { ShowDemand } from './show-demand.js';

/**
 * Asks sessions for the challenge of a show by the show's policy, or by the policy of the settings. The policies `always`
 * and `hot` are decided here. Budgets and the risk score ask for the challenge themselves.
 */
@Injectable()
export class ChallengePolicies {
  private readonly demand = new ShowDemand<OpenShow>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly shows: ShowsService,
    private readonly challenges: Challenges,
    private readonly clock: DatabaseClock,
  ) {}

  /**
   * Admits a call if its session needs no challenge, or has passed it. Returns null if the call is admitted at once.
   *
   * @throws DomainError `CHALLENGE_REQUIRED`, `NOT_FOUND`, also through the promise
   */
  admit(call: SaleCall): Promise<void> | null {
    if (call.buyer.isSeller) return null;
    const lane = this.shows.laneInMemory(call.showId);
    return lane ? this.admitTo(lane, call) : this.openAndAdmit(call);
  }

  private async openAndAdmit(call: SaleCall): Promise<void> {
    const lane = await this.shows.lane(call.showId);
    await this.admitTo(lane, call);
  }

  private admitTo(lane: OpenShow, { showId, buyer: { sessionId } }: SaleCall): Promise<void> | null {
    const reason = this.reasonFor(lane);
    if (reason === null) return null;
    const hasPassed = this.challenges.hasPassed(showId, sessionId);
    return hasPassed === true ? null : this.requirePass(showId, hasPassed, reason);
  }

  private async requirePass(
    showId: number,
    hasPassed: boolean | Promise<boolean>,
    reason: ChallengeReason,
  ): Promise<void> {
    if (!(await hasPassed)) throw this.challenges.required(showId, reason);
  }

  private reasonFor(lane: OpenShow): 'always' | 'hot' | null {
    const policy = lane.terms.protection?.challenge ?? this.config.challenge.policy;
    if (policy === 'always') return 'always';
    return policy === 'hot' && this.isHot(lane) ? 'hot' : null;
  }

  /** Counts a call, and returns true if the show is in high demand, as far as this node knows. */
  private isHot(lane: OpenShow): boolean {
    const callsPerSecond = this.demand.count(lane, performance.now());
    return (
      callsPerSecond >= this.config.challenge.hotCallsPerSecond || lane.hasWaiters() || lane.isLobby(this.clock.now())
    );
  }
}
