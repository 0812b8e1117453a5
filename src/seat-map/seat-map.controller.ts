import { Controller, Get, Header, Param, UseGuards } from '@nestjs/common';
import { type SeatMapWithCounts, ShowParams } from '@usher/contract';
import { OptionalSessionGuard, OptionalSessionId } from '../access/index.js';
import { SeatMapService } from './seat-map.service.js';

/** Serves the seat map over REST, for clients without a socket. */
@Controller('v1/shows/:showId/seats')
export class SeatMapController {
  constructor(private readonly seatMap: SeatMapService) {}

  @Get()
  // Clients may store the map, but must ask each time whether it is still valid. A matching ETag gives a 304.
  @Header('Cache-Control', 'no-cache')
  @Header('Vary', 'Authorization')
  @UseGuards(OptionalSessionGuard)
  getSeats(
    @OptionalSessionId() sessionId: string | null,
    @Param({ schema: ShowParams }) { showId }: { showId: number },
  ): Promise<SeatMapWithCounts> {
    return this.seatMap.read(showId, sessionId);
  }
}
