import { Module } from '@nestjs/common';
import { CatalogModule } from '../catalog/index.js';
import { ShowsModule } from '../shows/index.js';
import { AdminCatalogController } from './admin-catalog.controller.js';
import { AdminShowsController } from './admin-shows.controller.js';
import { AdminShowsService } from './admin-shows.service.js';
import { ApiKeysAdministration } from './api-keys-administration.service.js';
import { ApiKeysController } from './api-keys.controller.js';

/** What those who have the admin's key may do. */
@Module({
  imports: [ShowsModule, CatalogModule],
  controllers: [AdminCatalogController, AdminShowsController, ApiKeysController],
  providers: [AdminShowsService, ApiKeysAdministration],
})
export class AdminModule {}
