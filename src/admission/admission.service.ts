import { Injectable } from '@nestjs/common';
import type { SaleCall } from './calls/sale-call.js';
import { ChallengePolicies } from './challenges/challenge-policies.service.js';
import { AccessCodeUses } from './codes/access-code-uses.service.js';
import { RiskService } from './risk/risk.service.js';

/** Decides which buyers may ask a show's lane for seats or places. */
@Injectable()
export class Admission {
  constructor(
    private readonly codeUses: AccessCodeUses,
    private readonly risk: RiskService,
    private readonly challengePolicies: ChallengePolicies,
  ) {}

  /**
   * Admits a call to the show's lane. Returns null if the call is admitted at once, because most calls are and a hot show
   * must not wait for a promise.
   *
   * @throws DomainError also through the promise
   */
  admit(call: SaleCall): Promise<void> | null {
    const codeCheck = this.codeUses.check(call.showId, call.buyer);
    return codeCheck ? this.admitAfter(codeCheck, call) : this.admitByBehaviour(call);
  }

  private async admitAfter(codeCheck: Promise<void>, call: SaleCall): Promise<void> {
    await codeCheck;
    await this.admitByBehaviour(call);
  }

  private admitByBehaviour(call: SaleCall): Promise<void> | null {
    const riskCheck = this.risk.admit(call);
    return riskCheck ? this.askForChallengeAfter(riskCheck, call) : this.challengePolicies.admit(call);
  }

  private async askForChallengeAfter(riskCheck: Promise<void>, call: SaleCall): Promise<void> {
    await riskCheck;
    await this.challengePolicies.admit(call);
  }
}
