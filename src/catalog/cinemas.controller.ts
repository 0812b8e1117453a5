import { Controller, Get, Param, Query } from '@nestjs/common';
import { type Cinema, CinemaParams, CinemaShowtimesQuery, type MovieShowtimes, type Page } from '@usher/contract';
import type { z } from 'zod';
import { CacheBriefly, CacheForAMinute } from '../transport/cache-control.js';
import { ListingsService } from './listings.service.js';

@Controller('v1/cinemas')
export class CinemasController {
  constructor(private readonly listings: ListingsService) {}

  @Get(':cinemaId')
  @CacheForAMinute()
  getCinema(@Param({ schema: CinemaParams }) { cinemaId }: z.output<typeof CinemaParams>): Promise<Cinema> {
    return this.listings.cinema(cinemaId);
  }

  @Get(':cinemaId/showtimes')
  @CacheBriefly()
  listShowtimesOfCinema(
    @Param({ schema: CinemaParams }) { cinemaId }: z.output<typeof CinemaParams>,
    @Query({ schema: CinemaShowtimesQuery }) query: z.output<typeof CinemaShowtimesQuery>,
  ): Promise<Page<MovieShowtimes>> {
    return this.listings.showtimesOfCinema(cinemaId, query.date, query);
  }
}
