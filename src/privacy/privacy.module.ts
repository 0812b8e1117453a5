import { Module } from '@nestjs/common';
import { AdmissionModule } from '../admission/index.js';
import { SessionMails } from '../mail/index.js';
import { SessionPayments } from '../payments/index.js';
import { SessionPushes } from '../push/index.js';
import { ShowsModule } from '../shows/index.js';
import { SessionTickets } from '../tickets/index.js';
import { PastShows } from './past-shows.service.js';
import { SessionDataController } from './session-data.controller.js';
import { SessionEraser } from './session-eraser.service.js';
import { SessionExporter } from './session-exporter.service.js';

/** Export and erasure of the data of sessions, and the end of the retention period of bookings. */
@Module({
  imports: [ShowsModule, AdmissionModule],
  controllers: [SessionDataController],
  providers: [SessionMails, SessionPayments, SessionPushes, SessionTickets, SessionExporter, SessionEraser, PastShows],
})
export class PrivacyModule {}
