import { Module } from '@nestjs/common';
import { ShowsModule } from '../shows/index.js';
import { Admission } from './admission.service.js';
import { AccessCodeDigests } from './codes/access-code-digests.service.js';
import { AccessCodeUses } from './codes/access-code-uses.service.js';
import { AccessCodesAdministration } from './codes/access-codes-administration.service.js';
import { AccessCodesController } from './codes/access-codes.controller.js';
import { AccessCodesGateway } from './codes/access-codes.gateway.js';
import { AccessCodesRepository } from './codes/access-codes.repository.js';
import { AccessCodes } from './codes/access-codes.service.js';
import { AdminAccessCodesController } from './codes/admin-access-codes.controller.js';

/** The providers of access codes. */
const codes = [
  AccessCodes,
  AccessCodeUses,
  AccessCodeDigests,
  AccessCodesRepository,
  AccessCodesAdministration,
  AccessCodesGateway,
];

/** Keeps single buyers and bots from taking more than their share of a show. */
@Module({
  imports: [ShowsModule],
  controllers: [AccessCodesController, AdminAccessCodesController],
  providers: [Admission, ...codes],
  exports: [Admission, AccessCodeUses],
})
export class AdmissionModule {}
