import { Controller, Get, Param, Query } from '@nestjs/common';
import {
  type Cinema,
  CitiesQuery,
  type City,
  CityMoviesQuery,
  CityParams,
  type Movie,
  type Page,
  PageQuery,
} from '@usher/contract';
import type { z } from 'zod';
import { CacheForAMinute } from '../transport/cache-control.js';
import { ListingsService } from './listings.service.js';

@Controller('v1/cities')
export class CitiesController {
  constructor(private readonly listings: ListingsService) {}

  @Get()
  @CacheForAMinute()
  listCities(@Query({ schema: CitiesQuery }) query: z.output<typeof CitiesQuery>): Promise<Page<City>> {
    return this.listings.cities(query, query);
  }

  @Get(':cityId')
  @CacheForAMinute()
  getCity(@Param({ schema: CityParams }) { cityId }: z.output<typeof CityParams>): Promise<City> {
    return this.listings.city(cityId);
  }

  @Get(':cityId/cinemas')
  @CacheForAMinute()
  listCinemasOfCity(
    @Param({ schema: CityParams }) { cityId }: z.output<typeof CityParams>,
    @Query({ schema: PageQuery }) query: z.output<typeof PageQuery>,
  ): Promise<Page<Cinema>> {
    return this.listings.cinemasOfCity(cityId, query);
  }

  @Get(':cityId/movies')
  @CacheForAMinute()
  listMoviesOfCity(
    @Param({ schema: CityParams }) { cityId }: z.output<typeof CityParams>,
    @Query({ schema: CityMoviesQuery }) query: z.output<typeof CityMoviesQuery>,
  ): Promise<Page<Movie>> {
    return this.listings.moviesOfCity(cityId, query.date, query);
  }
}
