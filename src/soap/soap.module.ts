import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/index.js';
import { ReservationsModule } from '../reservations/index.js';
import { SoapCalls } from './soap-calls.service.js';
import { SoapController } from './soap.controller.js';
import { SoapDoor } from './soap-door.service.js';

/** Partners who integrate by SOAP search and reserve: thin over the services that REST and the sockets use. */
@Module({
  imports: [CatalogModule, ReservationsModule],
  controllers: [SoapController],
  providers: [SoapCalls, SoapDoor],
})
export class SoapModule {}
