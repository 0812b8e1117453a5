import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/index.js';
import { ReservationsModule } from '../reservations/index.js';
import { SoapCalls } from './soap-calls.service.js';
import { SoapController } from './soap.controller.js';
import { SoapEndpoint } from './soap-endpoint.service.js';

/** Lets partners search and reserve over SOAP. The module is a thin layer over the services that REST and sockets use. */
@Module({
  imports: [CatalogModule, ReservationsModule],
  controllers: [SoapController],
  providers: [SoapCalls, SoapEndpoint],
})
export class SoapModule {}
