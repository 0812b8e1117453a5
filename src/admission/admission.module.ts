import { Module } from '@nestjs/common';
import { SESSION_KEYS } from '../access/index.js';
import { CONFIG } from '../config/config.js';
import { ShowsModule } from '../shows/index.js';
import { Admission } from './admission.service.js';
import { PatternRelease } from './risk/pattern-release.service.js';
import { RiskCaseRepository } from './risk/risk-case.repository.js';
import { RiskCases } from './risk/risk-cases.service.js';
import { RiskSourcesService } from './risk/risk-sources.service.js';
import { RiskController } from './risk/risk.controller.js';
import { RiskService } from './risk/risk.service.js';
import { SessionRisk } from './risk/session-risk.service.js';
import { ChallengePasses } from './challenges/challenge-passes.service.js';
import { ChallengePolicies } from './challenges/challenge-policies.service.js';
import { CHALLENGE_PROVIDER } from './challenges/challenge-provider.js';
import { ChallengesController } from './challenges/challenges.controller.js';
import { ChallengesGateway } from './challenges/challenges.gateway.js';
import { createChallengeProvider } from './challenges/create-challenge-provider.js';
import { BuyerCommands } from './commands/buyer-commands.service.js';
import { Challenges } from './challenges/challenges.service.js';
import { AccessCodeDigests } from './codes/access-code-digests.service.js';
import { AccessCodeUses } from './codes/access-code-uses.service.js';
import { AccessCodesAdministration } from './codes/access-codes-administration.service.js';
import { AccessCodesController } from './codes/access-codes.controller.js';
import { AccessCodesGateway } from './codes/access-codes.gateway.js';
import { AccessCodesRepository } from './codes/access-codes.repository.js';
import { AccessCodes } from './codes/access-codes.service.js';
import { AdminAccessCodesController } from './codes/admin-access-codes.controller.js';
import { SessionAccessCodes } from './codes/session-access-codes.js';
import { ViewerAdmission } from './viewers/viewer-admission.service.js';

/** The providers of access codes. */
const codes = [
  AccessCodes,
  AccessCodeUses,
  AccessCodeDigests,
  AccessCodesRepository,
  AccessCodesAdministration,
  AccessCodesGateway,
  SessionAccessCodes,
];

/** The providers of the risk score and of cool-downs. */
const risk = [RiskService, RiskCases, RiskCaseRepository, RiskSourcesService, PatternRelease, SessionRisk];

/** Keeps single buyers and bots from taking more than their share of a show. */
@Module({
  imports: [ShowsModule],
  controllers: [ChallengesController, AccessCodesController, AdminAccessCodesController, RiskController],
  providers: [
    Admission,
    { provide: CHALLENGE_PROVIDER, inject: [CONFIG, SESSION_KEYS], useFactory: createChallengeProvider },
    ChallengePasses,
    Challenges,
    ChallengePolicies,
    ChallengesGateway,
    BuyerCommands,
    ViewerAdmission,
    ...codes,
    ...risk,
  ],
  exports: [Admission, Challenges, ChallengePasses, BuyerCommands, SessionAccessCodes, SessionRisk, ViewerAdmission],
})
export class AdmissionModule {}
