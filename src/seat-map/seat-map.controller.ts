import { Controller, Get, Header, Param, UseGuards } from '@nestjs/common';
import { type SeatMapWithCounts, ShowParams } from '@usher/contract';
import { OptionalSessionGuard, OptionalSessionId } from '../access/index.js';
import { SeatMapService } from './seat-map.service.js';

/** The seat map over REST, for clients without a socket. */
@Controller('v1/shows/:showId/seats')
export class SeatMapController {
  constructor(private readonly seatMap: SeatMapService) {}

  @Get()
  @Header('Cache-Control', 'no-cache') // Clients may store the map, but ask each time. The ETag turns the answer into a 304.
  @Header('Vary', 'Authorization')
  @UseGuards(OptionalSessionGuard)
  getSeats(
    @OptionalSessionId() sessionId: string | null,
    @Param({ schema: ShowParams }) { showId }: { showId: number },
  ): Promise<SeatMapWithCounts> {
    return this.seatMap.read(showId, sessionId);
  }
}
