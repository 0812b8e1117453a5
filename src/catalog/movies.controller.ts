import { Controller, Get, Param, Query } from '@nestjs/common';
import { type CinemaShowtimes, type Movie, MovieParams, MovieShowtimesQuery, type Page } from '@usher/contract';
import type { z } from 'zod';
import { CacheBriefly, CacheForAMinute } from '../transport/cache-control.js';
import { ListingsService } from './listings.service.js';

@Controller('v1/movies')
export class MoviesController {
  constructor(private readonly listings: ListingsService) {}

  @Get(':movieId')
  @CacheForAMinute()
  getMovie(@Param({ schema: MovieParams }) { movieId }: z.output<typeof MovieParams>): Promise<Movie> {
    return this.listings.movie(movieId);
  }

  @Get(':movieId/showtimes')
  @CacheBriefly()
  listShowtimesOfMovie(
    @Param({ schema: MovieParams }) { movieId }: z.output<typeof MovieParams>,
    @Query({ schema: MovieShowtimesQuery }) query: z.output<typeof MovieShowtimesQuery>,
  ): Promise<Page<CinemaShowtimes>> {
    return this.listings.showtimesOfMovie(movieId, query.cityId, query.date, query);
  }
}
