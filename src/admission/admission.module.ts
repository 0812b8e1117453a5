import { Module } from '@nestjs/common';
import { ShowsModule } from '../shows/index.js';
import { Admission } from './admission.service.js';

/** Keeps single buyers and bots from taking more than their share of a show. */
@Module({
  imports: [ShowsModule],
  providers: [Admission],
  exports: [Admission],
})
export class AdmissionModule {}
