import { Module } from '@nestjs/common';
import { MoviesAdministration } from './administration/movies-administration.service.js';
import { PlacesAdministration } from './administration/places-administration.service.js';
import { ShowsAdministration } from './administration/shows-administration.service.js';
import { CatalogService } from './catalog.service.js';
import { CinemasController } from './cinemas.controller.js';
import { CitiesController } from './cities.controller.js';
import { DemoCatalogService } from './demo/demo-catalog.service.js';
import { ListingsService } from './listings.service.js';
import { MoviesController } from './movies.controller.js';
import { MoviesRepository } from './movies.repository.js';
import { PlacesRepository } from './places.repository.js';
import { MovieTallyService } from './search/movie-tally.service.js';
import { SearchController } from './search/search.controller.js';
import { SearchRepository } from './search/search.repository.js';
import { SearchService } from './search/search.service.js';
import { ShowCatalogController } from './show-catalog.controller.js';
import { ShowCatalogRepository } from './show-catalog.repository.js';

/** The catalog: cities, cinemas, halls, movies and shows. It does not know how seats are sold. */
@Module({
  // SearchController must come before MoviesController, because the route of a movie also matches the path of the
  // search.
  controllers: [CitiesController, SearchController, MoviesController, CinemasController, ShowCatalogController],
  providers: [
    CatalogService,
    DemoCatalogService,
    ListingsService,
    MoviesAdministration,
    MoviesRepository,
    MovieTallyService,
    PlacesAdministration,
    PlacesRepository,
    SearchRepository,
    SearchService,
    ShowCatalogRepository,
    ShowsAdministration,
  ],
  exports: [
    CatalogService,
    ListingsService,
    DemoCatalogService,
    MoviesAdministration,
    PlacesAdministration,
    SearchService,
    ShowsAdministration,
  ],
})
export class CatalogModule {}
