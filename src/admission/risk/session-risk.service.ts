import { Injectable } from '@nestjs/common';
import type { SessionDataRiskCase } from '@usher/contract';
import { RiskCaseRepository } from './risk-case.repository.js';
import { RiskService } from './risk.service.js';

/** Reads and erases what the risk management knows about a session. */
@Injectable()
export class SessionRisk {
  constructor(
    private readonly risk: RiskService,
    private readonly repository: RiskCaseRepository,
  ) {}

  /** Deletes the cases of a session, and makes this node forget it. Other nodes forget it within a day. */
  erase(sessionId: string): Promise<void> {
    return this.risk.erase(sessionId);
  }

  /** Returns the cases of a session, newest first. */
  export(sessionId: string, limit: number): Promise<SessionDataRiskCase[]> {
    return this.repository.exportCases(sessionId, limit);
  }
}
