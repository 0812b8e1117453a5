import { Module } from '@nestjs/common';
import type { Pool } from 'pg';
import { CatalogModule } from '../catalog/catalog.module.js';
import { PG_POOL } from '../database/pg-pool.js';
import { PostgresShowStore } from './postgres-show-store.js';
import { SeatsController } from './seats.controller.js';
import { ShowHeartbeatService } from './show-heartbeat.service.js';
import { ShowsService } from './shows.service.js';

/** The lanes: the only writer of seats, bookings and the log. */
@Module({
  imports: [CatalogModule],
  controllers: [SeatsController],
  providers: [
    { provide: PostgresShowStore, inject: [PG_POOL], useFactory: (pool: Pool) => new PostgresShowStore(pool) },
    ShowsService,
    ShowHeartbeatService,
  ],
  exports: [ShowsService, PostgresShowStore],
})
export class ShowsModule {}
