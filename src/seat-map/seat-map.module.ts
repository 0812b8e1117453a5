import { Module } from '@nestjs/common';
import { AdmissionModule } from '../admission/index.js';
import { LinesModule } from '../lines/index.js';
import { ShowsModule } from '../shows/index.js';
import { SeatMapController } from './seat-map.controller.js';
import { SeatMapGateway } from './seat-map.gateway.js';
import { SeatMapService } from './seat-map.service.js';

/** The seat map of a show, over sockets and REST. */
@Module({
  imports: [ShowsModule, LinesModule, AdmissionModule],
  controllers: [SeatMapController],
  providers: [SeatMapService, SeatMapGateway],
})
export class SeatMapModule {}
