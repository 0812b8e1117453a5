/** The public entry point of `src/catalog`. */
export { MoviesAdministration } from './administration/movies-administration.service.js';
export {
  type HallUpload,
  type HallUploadPatch,
  PlacesAdministration,
} from './administration/places-administration.service.js';
export { ShowsAdministration } from './administration/shows-administration.service.js';
export { toTiers } from './catalog-rows.js';
export { CatalogModule } from './catalog.module.js';
export { CatalogService } from './catalog.service.js';
export { DemoCatalogService } from './demo/demo-catalog.service.js';
export { catalogEntities, type WaitingRoom } from './entities/index.js';
export { foldText } from './fold-text.js';
export type { LayoutTexts } from './layout-texts.js';
export { ListingsService } from './listings.service.js';
export { MovieTallyService } from './search/movie-tally.service.js';
export { SearchService } from './search/search.service.js';
export { ShowCatalogRepository } from './show-catalog.repository.js';
export { insertSyntheticCatalog } from './synthetic/synthetic-catalog.js';
export type { SyntheticSize } from './synthetic/synthetic-plan.js';
