import { Injectable } from '@nestjs/common';
import type { SaleCall } from './calls/sale-call.js';
import { ChallengePolicies } from './challenges/challenge-policies.service.js';
import { AccessCodeUses } from './codes/access-code-uses.service.js';

/** Decides which buyers may ask a show's lane for seats or places. */
@Injectable()
export class Admission {
  constructor(
    private readonly codeUses: AccessCodeUses,
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
    if (codeCheck === null) return this.challengePolicies.admit(call);
    return codeCheck.then(() => this.challengePolicies.admit(call) ?? undefined);
  }
}
