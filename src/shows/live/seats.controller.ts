import { Controller, Get, Header, Param, UseGuards } from '@nestjs/common';
import { type SeatMapWithCounts, ShowParams } from '@usher/contract';
import { OptionalSessionGuard, OptionalSessionId } from '../../access/index.js';
import { ShowsService } from '../lane/shows.service.js';

/** The seat map over REST, for whoever looks without a socket. */
@Controller('v1/shows/:showId/seats')
export class SeatsController {
  constructor(private readonly shows: ShowsService) {}

  @Get()
  @Header('Cache-Control', 'no-cache') // may be kept, but is asked after each time: the ETag makes that a 304
  @Header('Vary', 'Authorization')
  @UseGuards(OptionalSessionGuard)
  async getSeats(
    @OptionalSessionId() sessionId: string | null,
    @Param({ schema: ShowParams }) { showId }: { showId: number },
  ): Promise<SeatMapWithCounts> {
    await this.shows.catchUpBriefly(showId);
    await this.shows.mayLook(showId, sessionId);
    return this.shows.seatMap(showId);
  }
}
