import { Module } from '@nestjs/common';
import { LinesModule } from '../lines/index.js';
import { ShowsModule } from '../shows/index.js';
import { SeatMapController } from './seat-map.controller.js';
import { SeatMapGateway } from './seat-map.gateway.js';
import { SeatMapService } from './seat-map.service.js';

/** The seat map of a show, over sockets and REST. */
@Module({
  imports: [ShowsModule, LinesModule],
  controllers: [SeatMapController],
  providers: [SeatMapService, SeatMapGateway],
})
export class SeatMapModule {}
