import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { type Movie, MovieParams, MovieShowtimesQuery } from '@usher/contract';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { CallCost, SharedAnswers } from '../access/index.js';
import { cacheBriefly, CacheForAMinute } from '../transport/cache-control.js';
import { ListingsService } from './listings.service.js';

@Controller('v1/movies')
export class MoviesController {
  constructor(
    private readonly listings: ListingsService,
    private readonly answers: SharedAnswers,
  ) {}

  @Get(':movieId')
  @CacheForAMinute()
  getMovie(@Param({ schema: MovieParams }) { movieId }: z.output<typeof MovieParams>): Promise<Movie> {
    return this.listings.movie(movieId);
  }

  @Get(':movieId/showtimes')
  @CallCost('listing')
  async listShowtimesOfMovie(
    @Param({ schema: MovieParams }) { movieId }: z.output<typeof MovieParams>,
    @Query({ schema: MovieShowtimesQuery }) query: z.output<typeof MovieShowtimesQuery>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.send(request, response, {
      key: ['showtimes of movie', movieId, query.cityId, query.date, query.limit, query.cursor],
      cacheControl: cacheBriefly,
      read: () => this.listings.showtimesOfMovie(movieId, query.cityId, query.date, query),
    });
  }
}
