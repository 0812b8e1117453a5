import { Module } from '@nestjs/common';
import { CatalogService } from './catalog.service.js';
import { CinemasController } from './cinemas.controller.js';
import { CitiesController } from './cities.controller.js';
import { DemoCatalogService } from './demo/demo-catalog.service.js';
import { ListingsService } from './listings.service.js';
import { MoviesController } from './movies.controller.js';
import { MoviesRepository } from './movies.repository.js';
import { PlacesRepository } from './places.repository.js';
import { ShowCatalogController } from './show-catalog.controller.js';
import { ShowCatalogRepository } from './show-catalog.repository.js';

/** Cities, cinemas, halls, movies and shows: what is on, where and when. Knows nothing of how seats are sold. */
@Module({
  controllers: [CitiesController, MoviesController, CinemasController, ShowCatalogController],
  providers: [
    CatalogService,
    DemoCatalogService,
    ListingsService,
    MoviesRepository,
    PlacesRepository,
    ShowCatalogRepository,
  ],
  exports: [CatalogService, DemoCatalogService],
})
export class CatalogModule {}
