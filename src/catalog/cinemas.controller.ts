import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { type Cinema, CinemaParams, CinemaShowtimesQuery } from '@usher/contract';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { CallCost, SharedAnswers } from '../access/index.js';
import { cacheBriefly, CacheForAMinute } from '../transport/cache-control.js';
import { ListingsService } from './listings.service.js';

@Controller('v1/cinemas')
export class CinemasController {
  constructor(
    private readonly listings: ListingsService,
    private readonly answers: SharedAnswers,
  ) {}

  @Get(':cinemaId')
  @CacheForAMinute()
  getCinema(@Param({ schema: CinemaParams }) { cinemaId }: z.output<typeof CinemaParams>): Promise<Cinema> {
    return this.listings.cinema(cinemaId);
  }

  @Get(':cinemaId/showtimes')
  @CallCost('listing')
  async listShowtimesOfCinema(
    @Param({ schema: CinemaParams }) { cinemaId }: z.output<typeof CinemaParams>,
    @Query({ schema: CinemaShowtimesQuery }) query: z.output<typeof CinemaShowtimesQuery>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.send(request, response, {
      key: ['showtimes of cinema', cinemaId, query.date, query.limit, query.cursor],
      cacheControl: cacheBriefly,
      read: () => this.listings.showtimesOfCinema(cinemaId, query.date, query),
    });
  }
}
