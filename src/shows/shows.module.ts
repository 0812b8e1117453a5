import { Module } from '@nestjs/common';
import type { Pool } from 'pg';
import { CatalogModule } from '../catalog/index.js';
import { PG_POOL } from '../database/pg-pool.js';
import { DatabaseReceiptSigner, ReceiptSigner } from './lane/receipt-signer.js';
import { ShowsService } from './lane/shows.service.js';
import { LogConsumers } from './live/log-consumers.service.js';
import { ShowHeartbeatService } from './live/show-heartbeat.service.js';
import { ShowNotifier } from './live/show-notifier.service.js';
import { ShowRelay } from './live/show-relay.service.js';
import { BookingRepository } from './store/booking.repository.js';
import { LineRepository } from './store/line.repository.js';
import { PostgresShowStore } from './store/postgres-show-store.js';
import { PresenceRepository } from './store/presence.repository.js';
import { SessionRecords } from './store/session-records.repository.js';
import { ShowAnonymizer } from './store/show-anonymizer.js';
import { ShowLogRepository } from './store/show-log.repository.js';

const repositories = [
  BookingRepository,
  LineRepository,
  PresenceRepository,
  SessionRecords,
  ShowAnonymizer,
  ShowLogRepository,
];

/**
 * Provides the lanes of shows. Only lanes write seats, bookings, lines and logs. Features submit commands and read
 * values.
 */
@Module({
  imports: [CatalogModule],
  providers: [
    { provide: PostgresShowStore, inject: [PG_POOL], useFactory: (pool: Pool) => new PostgresShowStore(pool) },
    ...repositories,
    { provide: ReceiptSigner, useClass: DatabaseReceiptSigner },
    ShowsService,
    ShowHeartbeatService,
    ShowNotifier,
    ShowRelay,
    LogConsumers,
  ],
  exports: [...repositories, ReceiptSigner, ShowsService, ShowRelay, LogConsumers],
})
export class ShowsModule {}
