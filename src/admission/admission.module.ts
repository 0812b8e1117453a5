import { Module } from '@nestjs/common';
import { SESSION_KEYS } from '../access/index.js';
import { CONFIG } from '../config/config.js';
import { ShowsModule } from '../shows/index.js';
import { Admission } from './admission.service.js';
import { ChallengePasses } from './challenges/challenge-passes.service.js';
import { ChallengePolicies } from './challenges/challenge-policies.service.js';
import { CHALLENGE_PROVIDER } from './challenges/challenge-provider.js';
import { ChallengesController } from './challenges/challenges.controller.js';
import { ChallengesGateway } from './challenges/challenges.gateway.js';
import { createChallengeProvider } from './challenges/create-challenge-provider.js';
import { BuyerCommands } from './budgets/buyer-commands.service.js';
import { Challenges } from './challenges/challenges.service.js';

/** Keeps single buyers and bots from taking more than their share of a show. */
@Module({
  imports: [ShowsModule],
  controllers: [ChallengesController],
  providers: [
    Admission,
    { provide: CHALLENGE_PROVIDER, inject: [CONFIG, SESSION_KEYS], useFactory: createChallengeProvider },
    ChallengePasses,
    Challenges,
    ChallengePolicies,
    ChallengesGateway,
    BuyerCommands,
  ],
  exports: [Admission, Challenges, ChallengePasses, BuyerCommands],
})
export class AdmissionModule {}
