import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { CitiesQuery, type City, CityMoviesQuery, CityParams, PageQuery } from '@usher/contract';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { CallCost, SharedAnswers } from '../access/index.js';
import { cacheForAMinute, CacheForAMinute } from '../transport/cache-control.js';
import { ListingsService } from './listings.service.js';

@Controller('v1/cities')
export class CitiesController {
  constructor(
    private readonly listings: ListingsService,
    private readonly answers: SharedAnswers,
  ) {}

  @Get()
  async listCities(
    @Query({ schema: CitiesQuery }) query: z.output<typeof CitiesQuery>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.send(request, response, {
      key: ['cities', query.q, query.country, query.limit, query.cursor],
      cacheControl: cacheForAMinute,
      read: () => this.listings.cities(query, query),
    });
  }

  @Get(':cityId')
  @CacheForAMinute()
  getCity(@Param({ schema: CityParams }) { cityId }: z.output<typeof CityParams>): Promise<City> {
    return this.listings.city(cityId);
  }

  @Get(':cityId/cinemas')
  async listCinemasOfCity(
    @Param({ schema: CityParams }) { cityId }: z.output<typeof CityParams>,
    @Query({ schema: PageQuery }) query: z.output<typeof PageQuery>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.send(request, response, {
      key: ['cinemas of city', cityId, query.limit, query.cursor],
      cacheControl: cacheForAMinute,
      read: () => this.listings.cinemasOfCity(cityId, query),
    });
  }

  @Get(':cityId/movies')
  @CallCost('listing')
  async listMoviesOfCity(
    @Param({ schema: CityParams }) { cityId }: z.output<typeof CityParams>,
    @Query({ schema: CityMoviesQuery }) query: z.output<typeof CityMoviesQuery>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answers.send(request, response, {
      key: ['movies of city', cityId, query.date, query.limit, query.cursor],
      cacheControl: cacheForAMinute,
      read: () => this.listings.moviesOfCity(cityId, query.date, query),
    });
  }
}
