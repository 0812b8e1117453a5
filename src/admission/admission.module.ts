import { Module } from '@nestjs/common';
import { ShowsModule } from '../shows/index.js';
import { Admission } from './admission.service.js';
import { Challenges } from './challenges/challenges.service.js';
import { PatternRelease } from './risk/pattern-release.service.js';
import { RiskCaseRepository } from './risk/risk-case.repository.js';
import { RiskCases } from './risk/risk-cases.service.js';
import { RiskSourcesService } from './risk/risk-sources.service.js';
import { RiskController } from './risk/risk.controller.js';
import { RiskService } from './risk/risk.service.js';
import { SessionRisk } from './risk/session-risk.service.js';

/** Keeps single buyers and bots from taking more than their share of a show. */
@Module({
  imports: [ShowsModule],
  controllers: [RiskController],
  providers: [
    Admission,
    Challenges,
    RiskService,
    RiskCases,
    RiskCaseRepository,
    RiskSourcesService,
    PatternRelease,
    SessionRisk,
  ],
  exports: [Admission, SessionRisk],
})
export class AdmissionModule {}
