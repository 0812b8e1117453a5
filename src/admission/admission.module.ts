import { Module } from '@nestjs/common';
import { ShowsModule } from '../shows/index.js';
import { Admission } from './admission.service.js';
import { BuyerCommands } from './budgets/buyer-commands.service.js';
import { Challenges } from './challenges/challenges.service.js';

/** Keeps single buyers and bots from taking more than their share of a show. */
@Module({
  imports: [ShowsModule],
  providers: [Admission, BuyerCommands, Challenges],
  exports: [Admission, BuyerCommands],
})
export class AdmissionModule {}
