import { Module } from '@nestjs/common';
import { AdmissionModule } from '../admission/index.js';
import { LinesModule } from '../lines/index.js';
import { ShowsModule } from '../shows/index.js';
import { ActiveReservationsService } from './active-reservations.service.js';
import { BookingNotifier } from './booking-notifier.service.js';
import { ReservationsController } from './reservations.controller.js';
import { ReservationsGateway } from './reservations.gateway.js';
import { ReservationsService } from './reservations.service.js';

/** Reserves and releases seats over sockets and REST, and expires holds. */
@Module({
  imports: [ShowsModule, LinesModule, AdmissionModule],
  controllers: [ReservationsController],
  providers: [ReservationsService, ActiveReservationsService, BookingNotifier, ReservationsGateway],
  exports: [ReservationsService],
})
export class ReservationsModule {}
