import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/index.js';
import { ShowsModule } from '../shows/index.js';
import { AdminCatalogController } from './admin-catalog.controller.js';
import { AdminShowsController } from './admin-shows.controller.js';
import { AdminShowsService } from './admin-shows.service.js';
import { ApiKeysAdministration } from './api-keys-administration.service.js';
import { ApiKeysController } from './api-keys.controller.js';

/** The administration of the catalog, the shows and the API keys. Its calls need a key with the role `admin`. */
@Module({
  imports: [ShowsModule, CatalogModule],
  controllers: [AdminCatalogController, AdminShowsController, ApiKeysController],
  providers: [AdminShowsService, ApiKeysAdministration],
})
export class AdminModule {}
