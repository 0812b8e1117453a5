import { Body, Controller, Param, Patch, Post, UseGuards } from '@nestjs/common';
import {
  type Cinema,
  CinemaBody,
  CinemaParams,
  CinemaPatch,
  type City,
  CityBody,
  CityParams,
  CityPatch,
  type Hall,
  HallParams,
  type Movie,
  MovieBody,
  MovieParams,
  MoviePatch,
} from '@usher/contract';
import type { z } from 'zod';
import { type HallUpload, type HallUploadPatch, MoviesAdministration, PlacesAdministration } from '../catalog/index.js';
import { UploadPatchSchema, UploadSchema } from './uploaded-hall.js';
import { AdminKeyGuard, type AuditCaller, AuditCallerOf, Idempotent, KeyScoped } from '../access/index.js';

/** Creates and changes cities, cinemas, halls and movies. */
@Controller('v1/admin')
@UseGuards(AdminKeyGuard)
export class AdminCatalogController {
  constructor(
    private readonly places: PlacesAdministration,
    private readonly movies: MoviesAdministration,
  ) {}

  @Post('cities')
  @KeyScoped('service')
  @Idempotent()
  createCity(@Body({ schema: CityBody }) body: CityBody, @AuditCallerOf() caller: AuditCaller): Promise<City> {
    return this.places.createCity(body, caller);
  }

  @Patch('cities/:cityId')
  @KeyScoped('service')
  changeCity(
    @Param({ schema: CityParams }) { cityId }: z.output<typeof CityParams>,
    @Body({ schema: CityPatch }) patch: CityPatch,
    @AuditCallerOf() caller: AuditCaller,
  ): Promise<City> {
    return this.places.changeCity(cityId, patch, caller);
  }

  @Post('cinemas')
  @KeyScoped('service')
  @Idempotent()
  createCinema(@Body({ schema: CinemaBody }) body: CinemaBody, @AuditCallerOf() caller: AuditCaller): Promise<Cinema> {
    return this.places.createCinema(body, caller);
  }

  @Patch('cinemas/:cinemaId')
  @KeyScoped({ cinema: 'params.cinemaId' })
  changeCinema(
    @Param({ schema: CinemaParams }) { cinemaId }: z.output<typeof CinemaParams>,
    @Body({ schema: CinemaPatch }) patch: CinemaPatch,
    @AuditCallerOf() caller: AuditCaller,
  ): Promise<Cinema> {
    return this.places.changeCinema(cinemaId, patch, caller);
  }

  @Post('halls')
  @KeyScoped({ cinema: 'body.cinemaId' })
  @Idempotent()
  createHall(@Body({ schema: UploadSchema }) body: HallUpload, @AuditCallerOf() caller: AuditCaller): Promise<Hall> {
    return this.places.createHall(body, caller);
  }

  @Patch('halls/:hallId')
  @KeyScoped({ hall: 'params.hallId', cinema: 'body.cinemaId' })
  changeHall(
    @Param({ schema: HallParams }) { hallId }: z.output<typeof HallParams>,
    @Body({ schema: UploadPatchSchema }) patch: HallUploadPatch,
    @AuditCallerOf() caller: AuditCaller,
  ): Promise<Hall> {
    return this.places.changeHall(hallId, patch, caller);
  }

  @Post('movies')
  @KeyScoped('service')
  @Idempotent()
  createMovie(@Body({ schema: MovieBody }) body: MovieBody, @AuditCallerOf() caller: AuditCaller): Promise<Movie> {
    return this.movies.createMovie(body, caller);
  }

  @Patch('movies/:movieId')
  @KeyScoped('service')
  changeMovie(
    @Param({ schema: MovieParams }) { movieId }: z.output<typeof MovieParams>,
    @Body({ schema: MoviePatch }) patch: MoviePatch,
    @AuditCallerOf() caller: AuditCaller,
  ): Promise<Movie> {
    return this.movies.changeMovie(movieId, patch, caller);
  }
}
